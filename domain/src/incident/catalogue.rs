//! The catalogue: for every cause its phase, policy, severity and type, and everything people read
//! about it. The one place that words an incident; `docs/incidents.md` is made from it.

use super::{Cause, IncidentType as T, Phase as Ph, Policy as Po, Presentation, Severity as S};

/// What is said about a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub kind: T,
    pub severity: S,
    pub phase: Ph,
    pub policy: Po,
    pub title: &'static str,
    /// What happened.
    pub happened: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do next.
    pub next: &'static str,
    /// The sentence for a reviewer.
    pub reviewer: &'static str,
}

impl Entry {
    /// What people read.
    pub fn presentation(&self) -> Presentation {
        Presentation {
            title: self.title.to_owned(),
            happened: self.happened.to_owned(),
            means: self.means.to_owned(),
            next: self.next.to_owned(),
            reviewer: self.reviewer.to_owned(),
        }
    }
}

/// Type, severity, phase and policy; title; what happened, what it means, what to do next; the
/// sentence for a reviewer.
macro_rules! catalogue {
    ($($cause:ident: $kind:ident, $severity:ident, $phase:ident, $policy:ident,
        $title:literal, $happened:literal, $means:literal, $next:literal, $reviewer:literal;)+) => {
        pub(super) const fn entry(cause: Cause) -> Entry {
            match cause {
                $(Cause::$cause => Entry {
                    kind: T::$kind,
                    severity: S::$severity,
                    phase: Ph::$phase,
                    policy: Po::$policy,
                    title: $title,
                    happened: $happened,
                    means: $means,
                    next: $next,
                    reviewer: $reviewer,
                },)+
            }
        }
    };
}

catalogue! {
    SubjectNotFound: StepError, High, Trigger, FixTheDefinition,
        "The event is about nothing that can be acted on",
        "The trigger event names no record, or one that does not exist or is of another kind.",
        "The run found no subject and ended without doing anything.",
        "Import the record, or mend the event or the kind of subjects in the definition; then let the \
         event come again or request a run.",
        "The automation was set off by an event whose subject could not be found; no action was taken.";
    ConditionNotEvaluated: StepError, High, Match, FixTheDefinition,
        "The condition cannot be evaluated",
        "The condition of the definition could not be evaluated for a subject.",
        "Nobody can say whether the subject is to be acted on, so it was not.",
        "Read the message: it names the subject and what is wrong. Apply a definition whose condition \
         allows for such a subject, or mend the record.",
        "A condition could not be evaluated; the automation stopped rather than guess.";
    ParametersNotResolved: StepError, Medium, Invoke, FixTheDefinition,
        "The parameters cannot be worked out",
        "The parameters of the action could not be resolved for this subject, or do not fit the \
         actioner.",
        "The actioner was not called for this subject.",
        "Mend the record or the parameters in the definition. The same input fails the same way.",
        "Parameters could not be resolved for one subject; nothing was done about it.";
    ActionerMissing: StepError, High, Match, FixTheDefinition,
        "The actioner is not there",
        "The definition calls an actioner that is not registered here, or in a way that it does not \
         work.",
        "Nothing was called.",
        "Apply a definition that names a registered actioner, or run a version of Assize that has it.",
        "The automation named an actioner that was not available; no action was taken.";
    ApprovalDismissed: ToolRejection, Low, Approve, NoneNeeded,
        "An approver said no",
        "An approver dismissed what the automation was about to do.",
        "The item was skipped. The decision and its reason stand with the approval.",
        "Nothing, unless the decision is to be looked at again.",
        "A proposed action was put to an approver and was not carried out.";
    ApprovalExpired: ToolRejection, Medium, Approve, SettleByHand,
        "Nobody decided in time",
        "An approval was asked for and expired before enough approvers had decided.",
        "The item was skipped, as the rule of the approval says.",
        "Find out why nobody decided. If the action is still wanted, request another run.",
        "An action that needed approval was not carried out because nobody decided in time.";
    ActionChanged: ToolRejection, High, Approve, FixTheDefinition,
        "The action is not the one that was approved",
        "Just before acting, the parameters were found to differ from those that were approved.",
        "The actioner was not called: an approval is for exactly one action.",
        "Find out what changed. The action has to be approved again in another run.",
        "A change between approval and execution was caught, and the action was not carried out.";
    AskedAgain: StepError, Medium, Approve, SettleByHand,
        "The actioner asked again for what was approved",
        "The actioner asked for an approval that had been given.",
        "It did nothing, and asking once more would go on for ever.",
        "Do by hand what the item was to do, and have the actioner looked at.",
        "An approved action was not carried out because the actioner did not accept the approval.";
    DestinationRefused: PolicyDenial, High, Invoke, FixTheDefinition,
        "The destination is not allowed",
        "The address is not on the workspace's list of destinations, or leads to a network that is \
         closed to it.",
        "Nothing was sent.",
        "If the address is right, an owner allows it under Settings, Destinations; if it is not, \
         mend the definition.",
        "A call to a destination that the workspace does not allow was stopped; nothing left the \
         system.";
    RequestNotBuilt: StepError, Medium, Invoke, FixTheDefinition,
        "The request cannot be built",
        "The address or the headers of the request are not usable.",
        "Nothing was sent.",
        "Mend the parameters in the definition.",
        "A request could not be built from the definition; nothing was sent.";
    CertificateNotTrusted: StepError, High, External, FixTheDefinition,
        "The receiver's certificate is not trusted",
        "The receiver showed a certificate that no trusted authority vouches for.",
        "Nothing was sent: it may not be who it says it is.",
        "Have the receiver's certificate checked before anything else; then retry.",
        "The identity of a receiver could not be established, and nothing was sent to it.";
    ReceiverUnreachable: StepError, Medium, External, RetryIsSafe,
        "The receiver cannot be reached",
        "The receiver's name could not be resolved, or no connection could be made.",
        "Nothing was sent, and nothing happened there.",
        "Find out whether the receiver is up, then retry: nothing can happen twice.",
        "A receiver was not reachable; the affected items failed and can be retried safely.";
    ConnectTimeout: ToolTimeout, Medium, External, RetryIsSafe,
        "The receiver does not accept connections",
        "The receiver did not accept a connection in time.",
        "Nothing was sent, and nothing happened there.",
        "Find out whether the receiver is up, then retry: nothing can happen twice.",
        "A receiver did not accept connections; the affected items failed and can be retried safely.";
    ReceiverUnavailable: StepError, Medium, External, RetryIsSafe,
        "The receiver is not available",
        "The receiver answered that it cannot take requests at present, and went on doing so until \
         the last automatic try.",
        "What was to be done there has not been done, or will be recognised when it is sent again.",
        "Wait until the receiver is back, then retry: the same key is sent again, and the retry plan \
         says whether the receiver still honours it.",
        "A receiver was out of service; the affected items failed and can be retried safely.";
    ReceiverRefused: ToolRejection, Medium, Invoke, FixTheDefinition,
        "The receiver refused the request",
        "The receiver answered that it does not accept this request.",
        "Sending the same again would be refused again.",
        "Read the status, mend the parameters or the receiver's settings, and request another run.",
        "A receiver refused a request; the refusal is on record and nothing was done.";
    ReceiverErred: StepError, High, External, ConfirmFirst,
        "The receiver failed while it worked on the request",
        "The receiver answered with an error of its own, and honours no key.",
        "It is not known whether it acted.",
        "Look at the receiver whether it acted. Retry only what it did not do.",
        "A receiver failed and it is not known whether it acted; a person has to settle it.";
    ReplyTimeout: ToolTimeout, Medium, External, RetryIsSafe,
        "The receiver did not answer in time",
        "The request was sent and no answer came in time.",
        "It is not known whether the receiver acted. It honours the key, so sending the same again \
         does nothing twice.",
        "Retry while the receiver still honours the key; the retry plan says so item by item.",
        "A receiver did not answer in time; it recognises repeated requests, so a retry is safe.";
    ReplyTimeoutUnkeyed: ToolTimeout, High, External, ConfirmFirst,
        "The receiver did not answer in time, and honours no key",
        "The request was sent, no answer came in time, and the receiver honours no key.",
        "It is not known whether the receiver acted, and a retry could do it twice.",
        "Look at the receiver whether it acted. Retry only what it did not do.",
        "A receiver did not answer in time and it is not known whether it acted; a person has to \
         settle it.";
    ReplyLost: StepError, Medium, External, RetryIsSafe,
        "The receiver's answer was lost",
        "The connection broke after the request was sent.",
        "It is not known whether the receiver acted. It honours the key, so sending the same again \
         does nothing twice.",
        "Retry while the receiver still honours the key; the retry plan says so item by item.",
        "An answer was lost; the receiver recognises repeated requests, so a retry is safe.";
    ReplyLostUnkeyed: StepError, High, External, ConfirmFirst,
        "The receiver's answer was lost, and it honours no key",
        "The connection broke after the request was sent, and the receiver honours no key.",
        "It is not known whether the receiver acted, and a retry could do it twice.",
        "Look at the receiver whether it acted. Retry only what it did not do.",
        "An answer was lost and it is not known whether the receiver acted; a person has to settle it.";
    LeaseTooShort: StepError, Medium, Invoke, RetryIsSafe,
        "There was no time left to send",
        "The worker held the item for too short a time to send and wait for the answer.",
        "Nothing was sent.",
        "Retry. If it comes again, the host is overloaded or its clock leaps.",
        "A worker ran out of time before it sent anything; the item can be retried safely.";
    KeyWindowOver: StepError, High, Invoke, ConfirmFirst,
        "The receiver may no longer recognise the key",
        "Before this try began, the time was over in which the receiver recognises the key.",
        "An earlier try may have acted, and another could do it a second time. Nothing was sent now.",
        "Look at the receiver whether it acted, then retry and confirm, or leave it.",
        "A repeat was held back because it could no longer be told apart from a second request.";
    RecordNotFound: MemoryWriteFailed, Medium, Record, FixTheDefinition,
        "The record to be written is not there",
        "The action changes a record that does not exist.",
        "Nothing was written.",
        "Mend the reference in the definition, or bring the record about first.",
        "A change could not be written because its record does not exist.";
    StorageFull: MemoryWriteFailed, High, Record, AutomaticRetry,
        "The database is full",
        "The database had no room for what came of the attempt, so neither a record nor an outcome was \
         written.",
        "Nothing was written by halves. Repeating is harmless, so the item was queued again.",
        "Nothing for this item. Make room on the disk of the database before it fills up again.",
        "An outcome could not be written because the database was full; it was taken up again without \
         being done twice.";
    WorkerLost: Interrupted, Medium, Invoke, AutomaticRetry,
        "The process that did it disappeared",
        "The process that ran the attempt did not come back within its lease.",
        "It is not known how far it came. Repeating is harmless, so the item was queued again.",
        "Nothing for this item. Find out why the process ended: a crash, a restart or lack of memory.",
        "Work was interrupted and taken up again without being done twice.";
    OutcomeUnknown: Interrupted, High, Invoke, SettleByHand,
        "The process disappeared, and what it did is not known",
        "The process that ran the attempt did not come back within its lease, and the item could not \
         be repeated without asking.",
        "It is not known whether the action happened. The item has failed.",
        "Look at the receiver whether it acted. If it did not, retry and confirm.",
        "Work was interrupted and its effect is not known; a person has to settle it.";
    InterruptedTooOften: Interrupted, High, Invoke, SettleByHand,
        "The item is interrupted again and again",
        "Every attempt at the item was interrupted, so it was not repeated any more.",
        "What is done for this subject may be what ends the process.",
        "Look at the log of the process, and do by hand what the item was to do.",
        "An item was given up after repeated interruptions; a person has to settle it.";
    AnswerTooLate: Fenced, Low, Record, NoneNeeded,
        "An answer came too late and was not used",
        "A worker answered after it had lost its lease.",
        "The answer changed nothing. What it said is kept with the attempt.",
        "Nothing, unless the item's outcome is unknown: then the late answer helps to settle it.",
        "A late answer was fenced off; the recorded outcome was not altered.";
    LogNotAsSigned: StepError, Critical, External, StopEverything,
        "The audit log is not the one that was signed",
        "Entries that were signed are missing or different, or the last checkpoint is not ours.",
        "The log can no longer show that nothing was altered. Nothing is signed until this is settled.",
        "Stop Assize, keep the database as it is, and find out who changed it. Restore the log that \
         was signed, or accept this one on the host: assize audit accept-rollback.",
        "The audit log was found to differ from what had been signed, and signing stopped.";
    KillSwitchPressed: KillSwitchActivated, Critical, Invoke, StopEverything,
        "A kill switch stopped the run",
        "A member pressed a kill switch while the run had not ended.",
        "Nothing of the run starts any more. Items that had started finish and their outcomes are \
         recorded; the others were skipped.",
        "Find out why it was pressed, and look at what was in flight. Release the switch when the cause \
         is mended, then request another run: nothing is made up for by itself.",
        "A member stopped the automation with a kill switch; the log shows that nothing was started \
         after it.";
    RunBudgetExhausted: BudgetOverrun, High, Invoke, FixTheDefinition,
        "The budget of the run is used up",
        "What the action is estimated to cost, with what was spent and reserved before, would have \
         exceeded the ceiling for a run.",
        "The actioner was not called. The run cannot spend more than its version allows.",
        "If the run is to cost more, apply a definition with a higher ceiling and request another run \
         for what is left.",
        "An action was held back because it would have exceeded the budget of the run.";
    PeriodBudgetExhausted: BudgetOverrun, High, Invoke, RetryIsSafe,
        "The budget of the period is used up",
        "What the action is estimated to cost, with what was spent and reserved before, would have \
         exceeded the ceiling for the period.",
        "The actioner was not called.",
        "Retry in the next period. If it cannot wait, apply a definition with a higher ceiling and \
         request another run.",
        "An action was held back because it would have exceeded the budget of the period.";
    CostAboveReserved: BudgetOverrun, Medium, Record, NoneNeeded,
        "The receiver reported a higher cost than was reserved",
        "The action was carried out, and the receiver reported that it cost more than the definition \
         says it does at most.",
        "The real cost is on record and counts against the budget; the difference was not foreseen.",
        "Find out why it cost more, and mend the most that the definition states.",
        "An action cost more than had been reserved for it; the real cost was recorded.";
    PolicyDenied: PolicyDenial, High, Match, FixTheDefinition,
        "A policy denies the action",
        "The rule of a policy held for the action when its subject was found. The facts name the policy \
         and its version.",
        "The item was never queued and the actioner was not called.",
        "Read the statement of the policy. If the action is right, an owner has the policy changed; if it \
         is not, mend the definition or the record, and request another run.",
        "A policy of the workspace denied an action before it was taken up; nothing was done.";
    PolicyDeniedBeforeActing: PolicyDenial, High, Invoke, FixTheDefinition,
        "A policy denied the action just before it was taken",
        "The rule of a policy held for the action when the actioner was about to be called. The facts name \
         the policy and its version.",
        "The item had been let through earlier: since then the policy, or what it looks at, has changed. \
         The actioner was not called.",
        "Read the statement of the policy and what changed. If the action is right, an owner has the \
         policy changed; then retry.",
        "A policy of the workspace denied an action at the last moment; nothing was done.";
    PolicyNotEvaluated: PolicyDenial, High, Match, FixTheDefinition,
        "The rule of a policy cannot be evaluated",
        "A policy could not say whether it allows the action, so the action was denied.",
        "Nothing was done. The same policy denies every action that it cannot judge.",
        "Read the message: it says what is wrong with the rule for this subject. An owner puts it right \
         in a new version of the policy, or switches the policy off.",
        "An action could not be judged by a policy of the workspace and was denied rather than let \
         through.";
    Reported: StepError, Medium, External, SettleByHand,
        "Whoever ran it reported an incident",
        "The incident was reported together with the run, and not observed by Assize.",
        "What is known about it is what was reported.",
        "Read what was reported, and settle it where the run took place.",
        "An incident was reported by whoever carried out the run.";
    ReportedRunSilent: Interrupted, High, External, SettleByHand,
        "The run fell silent",
        "A run that takes place elsewhere declared how often it gives a sign of life, and gave none for \
         longer than that.",
        "It may have ended, or its network may be down. What it had told is kept; what it did since \
         nobody here knows.",
        "Look where it runs, beginning with the last step and what was in flight. If it goes on and \
         reports again, the run goes on here by itself.",
        "A reported run fell silent; its last sign of life is on record.";
    ReportedRunFailed: StepError, High, External, SettleByHand,
        "The run failed, its reporter says",
        "Whoever carried out the run reported that it failed.",
        "Assize did not execute it and cannot retry it. What is known is what was reported.",
        "Read which step failed and why in the log of steps, mend it and run it again where it runs.",
        "A run that takes place elsewhere was reported as failed.";
    TransientFailure: StepError, Medium, Invoke, RetryIsSafe,
        "A passing failure did not pass in time",
        "The action failed for a reason that passes by itself, until the last automatic try.",
        "What was to be done has not been done.",
        "Find out whether the cause has passed, then retry.",
        "An action failed for a passing reason and can be retried.";
    DeterministicFailure: StepError, Medium, Invoke, FixTheDefinition,
        "The action failed",
        "The action failed, and the same input would fail the same way.",
        "What was to be done has not been done.",
        "Read the message and mend the cause before anything is tried again.",
        "An action failed for a reason that has to be mended first.";
    UnknownFailure: StepError, High, Invoke, ConfirmFirst,
        "It is not known whether the action happened",
        "The action ended without anybody knowing whether it happened.",
        "A retry could do it twice.",
        "Find out whether it happened. Retry only what did not.",
        "An action ended with an unknown effect; a person has to settle it.";
}
