//! A request to an endpoint becomes an event, if whoever sends it knows the secret.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    canonical,
    id::InboundId,
    inbound::{IdFrom, Inbound, InboundRefusal},
    member::Principal,
};
use serde_json::{Value, json};

use super::proof::prove;
use crate::{
    services::{Caller, NewEvent, Received, ServiceError, Services},
    store::Signs,
};

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct InboundRequest {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The secret itself, from the address or as a password.
    pub secret: Option<String>,
}

/// Why a request became no event.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    #[error("the request was not accepted: {0}")]
    Refused(InboundRefusal),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl InboundRequest {
    /// The only header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.as_str())
    }
}

impl Services {
    /// Takes a request to an endpoint in as an event. The same id again changes nothing.
    ///
    /// # Errors
    /// `Refused`, which is counted; `NotFound` where there is no such endpoint; and whatever
    /// [`Services::receive_event`] refuses.
    pub async fn receive_inbound(
        &self,
        id: InboundId,
        told: InboundRequest,
    ) -> Result<Received, InboundError> {
        let endpoint = self.store.read().await.map_err(ServiceError::from)?.inbound_by_id(id).await;
        let endpoint = endpoint.map_err(ServiceError::from)?;
        let endpoint = endpoint.ok_or(ServiceError::NotFound("inbound endpoint"))?;
        let (workspace, now) = (endpoint.workspace, self.clock.now());
        let secrets = self.open_secrets(workspace, &Signs::Inbound(id), now).await?;
        let event =
            prove(endpoint.check, &secrets, &told, now).and_then(|()| event(&endpoint, &told, now));
        match event {
            Ok(event) => {
                let caller = Caller { workspace, principal: Principal::System };
                Ok(self.receive_untimed_event(caller, event).await?)
            }
            Err(because) => {
                self.enter_refusal(&endpoint, because, now).await?;
                Err(InboundError::Refused(because))
            }
        }
    }

    async fn enter_refusal(
        &self,
        endpoint: &Inbound,
        because: InboundRefusal,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let (id, workspace) = (endpoint.id, endpoint.workspace);
        let Some(count) = self.shared.refusals.note(id, now) else { return Ok(()) };
        let ids = self.ids.clone();
        self.write(move |tx| {
            Box::pin(async move {
                tx.count_refused(id, count, because, now).await?;
                let object = Object::new("inbound", id);
                let draft = Draft::new(Principal::System, Verb::InboundRefused, object)
                    .with(json!({"because": because, "count": count}));
                Ok(tx.append_audit(workspace, &ids, now, &[draft]).await?)
            })
        })
        .await
    }
}

fn event(
    endpoint: &Inbound,
    told: &InboundRequest,
    now: Timestamp,
) -> Result<NewEvent, InboundRefusal> {
    let payload = payload(&told.body);
    let external_id = match &endpoint.id_from {
        IdFrom::Digest => Some(canonical::digest(&told.body)),
        IdFrom::Header(name) => told.header(name).map(|id| id.trim().to_owned()),
        IdFrom::Pointer(place) => place.text(&payload),
    };
    let time = endpoint.time_from.as_ref();
    let external_id = external_id.filter(|id| !id.is_empty()).ok_or(InboundRefusal::NoId)?;
    Ok(NewEvent {
        kind: endpoint.kind,
        source: endpoint.source.clone(),
        external_id,
        event_type: endpoint.event_type.clone(),
        subject: endpoint.subject_from.as_ref().and_then(|place| place.record(&payload)),
        occurred_at: time.and_then(|place| place.instant(&payload)).unwrap_or(now),
        payload,
    })
}

/// A JSON object as it is; anything else stands in one as `data`.
fn payload(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(object @ Value::Object(_)) => object,
        Ok(other) => json!({"data": other}),
        Err(_) => json!({"data": String::from_utf8_lossy(body)}),
    }
}
