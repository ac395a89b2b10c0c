//! Whether a request to an endpoint is from somebody who knows its secret.

use domain::{
    Timestamp,
    inbound::{InboundCheck, InboundRefusal, TOLERANCE_SECONDS},
};

use super::InboundRequest;
use crate::{
    secret::same,
    signature::{SigningSecret, signature},
};

/// Refuses what nobody proved. How long it takes does not tell how near a forger came.
pub(super) fn prove(
    check: InboundCheck,
    secrets: &[SigningSecret],
    told: &InboundRequest,
    now: Timestamp,
) -> Result<(), InboundRefusal> {
    let proven = match check {
        InboundCheck::StandardWebhooks => return standard(secrets, told, now),
        InboundCheck::Github => {
            let sent = told.header("x-hub-signature-256").unwrap_or_default();
            any(secrets, |secret| same(sent, &secret.hub_signature(&told.body)))
        }
        InboundCheck::Secret => {
            let sent = told.secret.as_deref().unwrap_or_default();
            any(secrets, |secret| same(sent, secret.hex().expose()))
        }
    };
    if proven { Ok(()) } else { Err(InboundRefusal::NotProven) }
}

fn standard(
    secrets: &[SigningSecret],
    told: &InboundRequest,
    now: Timestamp,
) -> Result<(), InboundRefusal> {
    let header = |name| told.header(name).ok_or(InboundRefusal::NotProven);
    let (id, sent) = (header("webhook-id")?, header("webhook-signature")?);
    let seconds = header("webhook-timestamp")?.parse().ok();
    let at = seconds.and_then(|seconds| Timestamp::from_timestamp(seconds, 0));
    let at = at.ok_or(InboundRefusal::NotProven)?;
    let proven = any(secrets, |secret| {
        let ours = signature(id, at, &told.body, std::slice::from_ref(secret));
        sent.split(' ').fold(false, |found, sent| found | same(sent, &ours))
    });
    // What is old is called so only to whoever could have signed it.
    match (proven, (now - at).num_seconds().abs() <= TOLERANCE_SECONDS) {
        (true, true) => Ok(()),
        (true, false) => Err(InboundRefusal::OutsideWindow),
        (false, _) => Err(InboundRefusal::NotProven),
    }
}

/// Whether one of the secrets fits; every one is tried.
fn any(secrets: &[SigningSecret], fits: impl Fn(&SigningSecret) -> bool) -> bool {
    secrets.iter().fold(false, |found, secret| found | fits(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn now() -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn told(headers: &[(&str, String)], secret: Option<String>) -> InboundRequest {
        let header = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
        InboundRequest {
            headers: headers.iter().map(header).collect(),
            body: b"{}".to_vec(),
            secret,
        }
    }

    #[test]
    fn a_standard_signature_counts_by_either_secret_and_for_five_minutes() {
        let (old, new) = (SigningSecret::new(&Ids::seeded(1)), SigningSecret::new(&Ids::seeded(2)));
        let both = [new.clone(), old.clone()];
        let sent = |secret: &SigningSecret, at: Timestamp| {
            let made = signature("msg-1", at, b"{}", std::slice::from_ref(secret));
            let headers = [
                ("webhook-id", "msg-1".to_owned()),
                ("webhook-timestamp", at.timestamp().to_string()),
                ("webhook-signature", format!("v1,bm90aGluZw== {made}")),
            ];
            prove(InboundCheck::StandardWebhooks, &both, &told(&headers, None), now())
        };
        assert_eq!((sent(&old, now()), sent(&new, now())), (Ok(()), Ok(())));
        let minutes = |minutes| now() + chrono::TimeDelta::minutes(minutes);
        assert_eq!((sent(&new, minutes(-5)), sent(&new, minutes(5))), (Ok(()), Ok(())));
        for late in [minutes(-6), minutes(6)] {
            assert_eq!(sent(&new, late), Err(InboundRefusal::OutsideWindow));
        }
        let stranger = SigningSecret::new(&Ids::seeded(3));
        assert_eq!(sent(&stranger, minutes(-6)), Err(InboundRefusal::NotProven));
    }

    #[test]
    fn a_github_signature_is_over_the_body_with_the_secret_as_it_was_shown() {
        let secret = SigningSecret::new(&Ids::seeded(1));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.hex().expose().as_bytes());
        let made = domain::canonical::hex(ring::hmac::sign(&key, b"{}").as_ref());
        let sent = |signature: &str| {
            let told = told(&[("x-hub-signature-256", signature.to_owned())], None);
            prove(InboundCheck::Github, std::slice::from_ref(&secret), &told, now())
        };
        assert_eq!(sent(&format!("sha256={made}")), Ok(()));
        for wrong in [made.as_str(), "sha256=", "", "sha1=00"] {
            assert_eq!(sent(wrong), Err(InboundRefusal::NotProven), "{wrong}");
        }
    }

    #[test]
    fn a_bare_secret_has_to_be_the_whole_one() {
        let secret = SigningSecret::new(&Ids::seeded(1));
        let text = secret.hex().expose().to_owned();
        let sent = |sent: Option<&str>| {
            let told = told(&[], sent.map(str::to_owned));
            prove(InboundCheck::Secret, std::slice::from_ref(&secret), &told, now())
        };
        assert_eq!(sent(Some(&text)), Ok(()));
        for wrong in [None, Some(""), Some(&text[..63])] {
            assert_eq!(sent(wrong), Err(InboundRefusal::NotProven), "{wrong:?}");
        }
        let none = told(&[], Some(String::new()));
        assert_eq!(prove(InboundCheck::Secret, &[], &none, now()), Err(InboundRefusal::NotProven));
    }
}
