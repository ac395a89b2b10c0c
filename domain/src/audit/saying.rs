//! What a verb is about, and how an entry with it reads.

use super::Verb;

impl Verb {
    /// The kind of object that entries with this verb are about.
    pub const fn about(self) -> &'static str {
        use Verb as V;
        match self {
            V::WorkspaceCreated
            | V::ActRefused
            | V::ListExported
            | V::RecordsImported
            | V::LogHeartbeat
            | V::LogRollbackAccepted
            | V::KillSwitchActivated
            | V::KillSwitchReleased
            | V::SecretsKeyRotated
            | V::CheckpointStamped
            | V::RetentionChanged => "workspace",
            V::EntriesRemoved => "entries",
            V::SigningKeyRotated => "signing-key",
            V::BundleRequested | V::BundleReady | V::BundleFailed | V::BundleDownloaded => "bundle",
            V::MemberAdded
            | V::MemberRoleChanged
            | V::MemberRemoved
            | V::MemberWindowGranted
            | V::MemberWindowRevoked
            | V::MemberPasswordSet
            | V::SignInSucceeded
            | V::SignInRefused
            | V::SignedOut
            | V::SignInLinkIssued => "member",
            V::DefinitionCreated
            | V::DefinitionVersioned
            | V::DefinitionEnabled
            | V::DefinitionDisabled
            | V::StubsRemoved => "automation",
            V::DestinationAllowed
            | V::DestinationRemoved
            | V::DestinationSecretMade
            | V::DestinationSecretRotated
            | V::DestinationSecretRemoved => "destination",
            V::WebhookCreated
            | V::WebhookChanged
            | V::WebhookEnabled
            | V::WebhookDisabled
            | V::WebhookGone
            | V::WebhookRemoved
            | V::WebhookSecretRotated
            | V::WebhookTested => "webhook",
            V::InboundCreated | V::InboundSecretRotated | V::InboundRemoved | V::InboundRefused => {
                "inbound"
            }
            V::DeliveryReplayed | V::DeliveryFailed => "delivery",
            V::TokenCreated | V::TokenRevoked => "token",
            V::EventReceived => "event",
            V::RunCreated
            | V::RunMatched
            | V::RunCompleted
            | V::RunFailed
            | V::RunCancelRequested
            | V::RunCancelled
            | V::RunClosed
            | V::RunKilled
            | V::RunRetried
            | V::RunReported
            | V::RunResumed
            | V::PayloadErased
            | V::RunPruned => "run",
            V::PriceSet | V::PriceRemoved => "workspace",
            V::HoldPlaced | V::HoldReleased => "hold",
            V::PolicyCreated | V::PolicyVersioned | V::PolicySwitchedOn | V::PolicySwitchedOff => {
                "policy"
            }
            V::ReportCreated => "report",
            V::IncidentRaised | V::IncidentSettled => "incident",
            V::ItemStarted
            | V::ItemSucceeded
            | V::ItemFailed
            | V::ItemSkipped
            | V::ItemReplayed
            | V::ItemDeferred
            | V::ItemAwaitsApproval
            | V::ItemInterrupted
            | V::AttemptFenced => "item",
            V::ApprovalRequested
            | V::ApprovalApproved
            | V::ApprovalDismissed
            | V::ApprovalExpired
            | V::ApprovalWithdrawn => "approval",
        }
    }

    /// The act in words, to be read after who did it; `{}` stands for the object.
    pub const fn says(self) -> &'static str {
        match self {
            Self::WorkspaceCreated => "made the workspace {}",
            Self::MemberAdded => "added {} as a member",
            Self::MemberRoleChanged => "gave {} another role",
            Self::MemberRemoved => "removed {} from the workspace",
            Self::MemberWindowGranted => "granted {} a window",
            Self::MemberWindowRevoked => "revoked a window of {}",
            Self::MemberPasswordSet => "set a new password",
            Self::SignInSucceeded => "signed in",
            Self::SignInRefused => "refused somebody who tried to sign in as {}",
            Self::SignedOut => "signed out",
            Self::SignInLinkIssued => "issued a sign-in link for {}",
            Self::ActRefused => "tried something that the role does not allow, and was refused",
            Self::ListExported => "exported a list",
            Self::BundleRequested => "ordered the bundle {}",
            Self::BundleReady => "finished the bundle {}",
            Self::BundleFailed => "could not make the bundle {}",
            Self::BundleDownloaded => "downloaded the bundle {}",
            Self::DefinitionCreated => "created the definition {}",
            Self::DefinitionVersioned => "put a new version of {} into effect",
            Self::DefinitionEnabled => "switched {} on",
            Self::DefinitionDisabled => "switched {} off",
            Self::RecordsImported => "imported a file of records",
            Self::DestinationAllowed => "allowed the destination {}",
            Self::DestinationRemoved => "took the destination {} off the list",
            Self::DestinationSecretMade => "had requests to the destination {} signed",
            Self::DestinationSecretRotated => "gave the destination {} another signing secret",
            Self::DestinationSecretRemoved => "took the signing secret of the destination {} away",
            Self::SecretsKeyRotated => "had the secrets sealed with another key",
            Self::WebhookCreated => "added the webhook {}",
            Self::WebhookChanged => "changed the webhook {}",
            Self::WebhookEnabled => "enabled the webhook {}",
            Self::WebhookDisabled => "disabled the webhook {}",
            Self::WebhookGone => "disabled the webhook {}, whose receiver is gone",
            Self::WebhookRemoved => "removed the webhook {}",
            Self::WebhookSecretRotated => "gave the webhook {} another signing secret",
            Self::WebhookTested => "sent a test to the webhook {}",
            Self::InboundCreated => "added the inbound endpoint {}",
            Self::InboundSecretRotated => "gave the inbound endpoint {} another secret",
            Self::InboundRemoved => "removed the inbound endpoint {}",
            Self::InboundRefused => "refused requests to the inbound endpoint {}",
            Self::DeliveryReplayed => "sent the delivery {} again",
            Self::DeliveryFailed => "gave up the delivery {} after its last try",
            Self::TokenCreated => "made the token {}",
            Self::TokenRevoked => "revoked the token {}",
            Self::EventReceived => "brought in the trigger event {}",
            Self::RunCreated => "created the run {}",
            Self::RunMatched => "found all subjects of {}",
            Self::RunCompleted => "completed {}",
            Self::RunFailed => "ended {}, which could not proceed",
            Self::RunCancelRequested => "cancelled {}",
            Self::RunCancelled => "ended {} after it was cancelled",
            Self::RunClosed => "closed {} with its failed items",
            Self::RunKilled => "ended {} after a kill switch had stopped it",
            Self::RunReported => "reported about {}",
            Self::RunResumed => "was heard of again about {}",
            Self::RunRetried => "retried items of {}",
            Self::ReportCreated => "wrote the report {}",
            Self::IncidentRaised => "raised the incident {}",
            Self::IncidentSettled => "settled the incident {}",
            Self::ItemStarted => "started an attempt at {}",
            Self::ItemSucceeded => "carried out {}",
            Self::ItemFailed => "could not carry out {}",
            Self::ItemSkipped => "skipped {}",
            Self::ItemReplayed => "found that {} had been carried out before",
            Self::ItemDeferred => "failed at {} and will try again",
            Self::ItemAwaitsApproval => "found that a person must decide about {}",
            Self::ItemInterrupted => "lost the attempt at {} that was under way",
            Self::AttemptFenced => "kept an answer about {} that came too late",
            Self::ApprovalRequested => "asked for the approval {}",
            Self::ApprovalApproved => "approved {}",
            Self::ApprovalDismissed => "dismissed {}",
            Self::ApprovalExpired => "ended {}, which nobody decided in time",
            Self::ApprovalWithdrawn => "withdrew {}",
            Self::LogHeartbeat => "showed that the log is kept",
            Self::LogRollbackAccepted => "accepted a log that is not the one that was signed",
            Self::PriceSet => "set the price of a language model",
            Self::PriceRemoved => "removed the price of a language model",
            Self::HoldPlaced => "placed the hold {}",
            Self::HoldReleased => "released the hold {}",
            Self::PayloadErased => "erased the payloads of all entries about {}",
            Self::RunPruned => "pruned the detail of {}, whose time was over",
            Self::StubsRemoved => "removed stubs of {}, whose time was over",
            Self::EntriesRemoved => "removed the entries {} about such stubs and kept their hashes",
            Self::RetentionChanged => "changed how long runs are kept",
            Self::KillSwitchActivated => "pressed the kill switch of {}",
            Self::KillSwitchReleased => "released the kill switch of {}",
            Self::PolicyCreated => "wrote the policy {}",
            Self::PolicyVersioned => "wrote a new version of the policy {}",
            Self::PolicySwitchedOn => "switched the policy {} on",
            Self::PolicySwitchedOff => "switched the policy {} off",
            Self::CheckpointStamped => "had a checkpoint stamped with the time",
            Self::SigningKeyRotated => "put the signing key {} in place of the last",
        }
    }

    /// Every verb about this kind of object.
    pub fn all_about(kind: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |verb| verb.about() == kind)
    }
}
