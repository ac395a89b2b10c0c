//! Signs what is sent outside, as Standard Webhooks has it: one HMAC-SHA256 for each secret, over id,
//! time and body.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Timestamp, canonical};
use ring::hmac;

use crate::{ids::Ids, secret::Secret};

/// What a secret begins with where it is shown.
const PREFIX: &str = "whsec_";

/// What requests to one receiver are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl SigningSecret {
    /// A new one.
    pub(crate) fn new(ids: &Ids) -> Self {
        Self(ids.key_seed())
    }

    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As receivers are given it: `whsec_` and base64.
    pub fn text(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.0)))
    }
}

impl SigningSecret {
    /// As tools are given it that take any text: hexadecimal.
    pub fn hex(&self) -> Secret {
        Secret::new(canonical::hex(&self.0))
    }

    /// The value of `X-Hub-Signature-256`; the text of [`SigningSecret::hex`] is the key.
    pub fn hub_signature(&self, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.hex().expose().as_bytes());
        format!("sha256={}", canonical::hex(hmac::sign(&key, body).as_ref()))
    }
}

/// The value of `webhook-signature`: a signature for each secret, so that a receiver may know the old
/// or the new one while they are exchanged.
pub fn signature(id: &str, at: Timestamp, body: &[u8], secrets: &[SigningSecret]) -> String {
    let mut signed = format!("{id}.{}.", at.timestamp()).into_bytes();
    signed.extend_from_slice(body);
    let sign = |secret: &SigningSecret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret.0);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, &signed)))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// The headers of a signed request besides `webhook-id`; none where there is nothing to sign with.
pub(crate) fn headers(
    id: &str,
    at: Timestamp,
    body: &[u8],
    secrets: &[SigningSecret],
) -> Vec<(String, String)> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let header = |name: &str, value: String| (name.to_owned(), value);
    vec![
        header("webhook-timestamp", at.timestamp().to_string()),
        header("webhook-signature", signature(id, at, body, secrets)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const TEXT: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn at() -> Timestamp {
        Timestamp::from_timestamp(1_614_265_330, 0).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(TEXT).unwrap());
        let mut signed = format!("{ID}.{}.", at().timestamp()).into_bytes();
        signed.extend_from_slice(BODY);
        let expected = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(STANDARD.encode(hmac::sign(&key, &signed)), expected);
        let secret = SigningSecret([7; 32]);
        let ours = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), &signed);
        assert_eq!(signature(ID, at(), BODY, &[secret]), format!("v1,{}", STANDARD.encode(ours)));
    }

    #[test]
    fn two_secrets_give_two_signatures_and_none_gives_no_headers() {
        let (old, new) = (SigningSecret([1; 32]), SigningSecret([2; 32]));
        let both = signature(ID, at(), BODY, &[new.clone(), old.clone()]);
        let alone = [new, old].map(|secret| signature(ID, at(), BODY, &[secret]));
        assert_eq!(both, alone.join(" "));
        assert!(headers(ID, at(), BODY, &[]).is_empty());
    }

    #[test]
    fn a_secret_is_shown_only_where_it_is_asked_for() {
        let secret = SigningSecret::new(&Ids::seeded(1));
        let text = secret.text();
        assert!(text.expose().starts_with("whsec_") && text.expose().len() == 50);
        assert!(!format!("{secret:?} {text:?}").contains(&text.expose()[6..]));
    }
}
