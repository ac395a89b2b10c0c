//! What becomes of an item that a policy stops: when its subject was found, or just before acting.

use domain::{
    approval::{Approval, ApprovalKind},
    audit::{Draft, Object, Verb},
    id::{ApprovalId, MemberId},
    incident::Raised,
    item::{Item, ItemMove},
    member::Principal,
    problem::Failure,
    record::RecordRef,
};
use serde_json::{Value, json};

use super::prepare::{bind, new_approval, requested};
use crate::{
    changes::Changes,
    ids::Ids,
    policies::{CompiledPolicy, Stop},
    services::ServiceError,
};

/// Denies what the item was to do, or has it approved first. What it was to do is kept with it.
pub(super) fn stop(
    changes: &mut Changes,
    ids: &Ids,
    mut item: Item,
    parameters: Value,
    stop: Stop,
    policy: &CompiledPolicy,
    requester: Option<MemberId>,
) -> Result<(), ServiceError> {
    match stop {
        Stop::Denied(failure) => {
            changes.step(&mut item, ItemMove::Fail)?;
            bind(&mut item, parameters);
            changes.enter(denied(&item, policy, &failure));
            changes.raise(Raised::denied(&item, &failure, &policy.pin, &policy.terms));
            item.failure = Some(failure);
        }
        Stop::Held(rule) => {
            changes.step(&mut item, ItemMove::AwaitApproval)?;
            bind(&mut item, parameters);
            let id = ApprovalId::new(ids.uuid(changes.now()));
            let subject =
                RecordRef { kind: item.subject_kind.clone(), key: item.subject_key.clone() };
            let question = format!(
                "Call {} for {subject}? The policy {}, version {}, wants it approved: {}",
                item.actioner, policy.terms.key, policy.pin.version, policy.terms.statement
            );
            let approval = Approval {
                policy: Some((*policy.pin).clone()),
                ..new_approval(
                    id,
                    &item,
                    ApprovalKind::Policy,
                    question,
                    rule,
                    requester,
                    changes.now(),
                )
            };
            changes.enter(requested(Principal::System, &approval).due_to(policy.pin.clone()));
            changes.approvals.push(approval);
        }
    }
    changes.keep(item);
    Ok(())
}

fn denied(item: &Item, policy: &CompiledPolicy, failure: &Failure) -> Draft {
    Draft::new(Principal::System, Verb::ItemFailed, Object::new("item", item.id))
        .in_run(item.run)
        .due_to(policy.pin.clone())
        .with(json!({"cause": failure, "input_digest": item.input_digest}))
}
