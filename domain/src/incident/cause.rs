//! The second layer: a closed list of causes, and how the code of a failure leads to one.

use super::{Entry, catalogue};
use crate::{
    effect::ActionerClass,
    problem::{Failure, FailureKind},
    words,
};

words! {
    /// What an incident is put down to.
    Cause {
        SubjectNotFound = "subject-not-found",
        ConditionNotEvaluated = "condition-not-evaluated",
        ParametersNotResolved = "parameters-not-resolved",
        ActionerMissing = "actioner-missing",
        ApprovalDismissed = "approval-dismissed",
        ApprovalExpired = "approval-expired",
        ActionChanged = "action-changed",
        AskedAgain = "asked-again",
        DestinationRefused = "destination-refused",
        RequestNotBuilt = "request-not-built",
        CertificateNotTrusted = "certificate-not-trusted",
        ReceiverUnreachable = "receiver-unreachable",
        ConnectTimeout = "connect-timeout",
        ReceiverUnavailable = "receiver-unavailable",
        ReceiverRefused = "receiver-refused",
        ReceiverErred = "receiver-erred",
        ReplyTimeout = "reply-timeout",
        ReplyTimeoutUnkeyed = "reply-timeout-unkeyed",
        ReplyLost = "reply-lost",
        ReplyLostUnkeyed = "reply-lost-unkeyed",
        LeaseTooShort = "lease-too-short",
        KeyWindowOver = "key-window-over",
        RecordNotFound = "record-not-found",
        StorageFull = "storage-full",
        WorkerLost = "worker-lost",
        OutcomeUnknown = "outcome-unknown",
        InterruptedTooOften = "interrupted-too-often",
        AnswerTooLate = "answer-too-late",
        LogNotAsSigned = "log-not-as-signed",
        KillSwitchPressed = "kill-switch-pressed",
        RunBudgetExhausted = "run-budget-exhausted",
        PeriodBudgetExhausted = "period-budget-exhausted",
        CostAboveReserved = "cost-above-reserved",
        PolicyDenied = "policy-denied",
        PolicyDeniedBeforeActing = "policy-denied-before-acting",
        PolicyNotEvaluated = "policy-not-evaluated",
        /// Entered by SQL, with a type and a severity of its own.
        Reported = "reported",
        /// Of a run that takes place elsewhere nothing was heard for longer than it declared.
        ReportedRunSilent = "reported-run-silent",
        /// Of a run that takes place elsewhere it was told that it failed.
        ReportedRunFailed = "reported-run-failed",
        /// Anything else that passes by itself.
        TransientFailure = "transient-failure",
        /// Anything else that fails the same way each time.
        DeterministicFailure = "deterministic-failure",
        /// Anything else of which nobody knows whether it happened.
        UnknownFailure = "unknown-failure",
    }
}

impl Cause {
    /// What a failure is put down to. A code that is not known gives a general cause, by its kind.
    ///
    /// `class` is the promise of the action, where there is one: a lost reply is harmless only where
    /// the receiver honours a key.
    pub fn of(failure: &Failure, class: Option<ActionerClass>) -> Self {
        let known = Self::of_code(&failure.code, failure.kind);
        let cause = known.unwrap_or(match failure.kind {
            FailureKind::Transient => Self::TransientFailure,
            FailureKind::Deterministic => Self::DeterministicFailure,
            FailureKind::Unknown => Self::UnknownFailure,
        });
        match cause {
            Self::ReplyTimeout if is_unkeyed(class) => Self::ReplyTimeoutUnkeyed,
            Self::ReplyLost if is_unkeyed(class) => Self::ReplyLostUnkeyed,
            cause => cause,
        }
    }

    /// Whether failures with this code have a cause of their own.
    pub fn knows(code: &str) -> bool {
        Self::of_code(code, FailureKind::Unknown).is_some()
    }

    fn of_code(code: &str, kind: FailureKind) -> Option<Self> {
        Some(match code {
            "subject-not-found" | "subject-of-another-kind" => Self::SubjectNotFound,
            "condition-does-not-evaluate" => Self::ConditionNotEvaluated,
            "parameters-do-not-resolve" | "invalid-parameters" | "cost-does-not-resolve" => {
                Self::ParametersNotResolved
            }
            "actioner-not-registered" | "actioner-changed-class" => Self::ActionerMissing,
            "action-changed" => Self::ActionChanged,
            "asked-again-after-approval" => Self::AskedAgain,
            "net-destination-not-listed"
            | "net-scheme-not-allowed"
            | "net-address-not-allowed"
            | "net-userinfo" => Self::DestinationRefused,
            "net-invalid-url"
            | "net-invalid-header"
            | "net-header-not-allowed"
            | "net-invalid-request"
            | "net-no-client"
            | "net-no-tls" => Self::RequestNotBuilt,
            "net-certificate-not-trusted" => Self::CertificateNotTrusted,
            "net-name-not-resolved" | "net-cannot-connect" => Self::ReceiverUnreachable,
            "net-connect-timeout" => Self::ConnectTimeout,
            "call-timeout" | "net-reply-timeout" => Self::ReplyTimeout,
            "net-reply-lost" => Self::ReplyLost,
            "lease-too-short" => Self::LeaseTooShort,
            "secret-not-readable" => Self::TransientFailure,
            "key-window-over" => Self::KeyWindowOver,
            "record-not-found" => Self::RecordNotFound,
            "storage-full" => Self::StorageFull,
            "run-budget-exhausted" => Self::RunBudgetExhausted,
            "period-budget-exhausted" => Self::PeriodBudgetExhausted,
            "policy-denied" => Self::PolicyDenied,
            "policy-denied-before-acting" => Self::PolicyDeniedBeforeActing,
            "policy-does-not-evaluate" => Self::PolicyNotEvaluated,
            "interrupted" | "interrupted-outside-key-window" => Self::OutcomeUnknown,
            "reported-failed" => Self::ReportedRunFailed,
            "interrupted-too-often" => Self::InterruptedTooOften,
            status if is_http_status(status) => match kind {
                FailureKind::Transient => Self::ReceiverUnavailable,
                FailureKind::Deterministic => Self::ReceiverRefused,
                FailureKind::Unknown => Self::ReceiverErred,
            },
            _ => return None,
        })
    }

    /// Everything the catalogue says about it.
    pub const fn entry(self) -> Entry {
        catalogue::entry(self)
    }
}

fn is_unkeyed(class: Option<ActionerClass>) -> bool {
    class == Some(ActionerClass::UnkeyedRemote)
}

fn is_http_status(code: &str) -> bool {
    let digits = code.strip_prefix("http-").unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit())
}
