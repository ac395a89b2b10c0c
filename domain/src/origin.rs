//! What brought an act about from outside: the request it came with, and the trace it belongs to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The request behind an act. Acts of the host and of Assize itself have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// As answers carry it in `X-Request-Id`.
    pub request: Option<Uuid>,
    /// The caller's own trace, if it named one.
    pub trace: Option<TraceId>,
}

impl Origin {
    /// The trace that what comes of the act belongs to: the caller's own, or else the request's.
    pub fn belongs_to(&self) -> Option<TraceId> {
        self.trace.or_else(|| self.request.map(TraceId::of))
    }
}

/// The id of a trace, as W3C Trace Context has it: 32 lower-case hexadecimal digits, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceId(u128);

/// Text that is no trace id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a trace id is 32 lower-case hexadecimal digits, not all of them zero")]
pub struct InvalidTraceId;

impl TraceId {
    /// The trace that a `traceparent` header names, if it is well formed.
    pub fn from_traceparent(header: &str) -> Option<Self> {
        TraceParent::parse(header).map(|parent| parent.trace)
    }

    /// The trace of a thing that nobody named one for: made of its id.
    pub fn of(id: Uuid) -> Self {
        Self(id.as_u128().max(1))
    }
}

/// Part of a trace, by an id of its own. What lasts longer than a process has an id that is made of its
/// own, so that whoever knows the thing knows its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(u64);

impl SpanId {
    /// The span of a thing.
    pub fn of(id: Uuid) -> Self {
        Self::nth(id, 0)
    }

    /// The span of one of several tries at a thing.
    pub fn nth(id: Uuid, number: i64) -> Self {
        let (_, low) = id.as_u64_pair();
        Self(low.wrapping_add(number.unsigned_abs()).max(1))
    }

    /// The only span inside this one.
    #[must_use]
    pub fn inner(self) -> Self {
        Self(self.0.rotate_left(17))
    }

    pub fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A span and the trace it is part of, as the header `traceparent` hands them on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    pub trace: TraceId,
    pub span: SpanId,
}

impl TraceParent {
    /// What a header says, if it is well formed. A version we do not know may say more after the four
    /// parts we do.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let mut part = |digits| parts.next().filter(|part| is_hex(part, digits));
        let (version, trace, span) = (part(2)?, part(32)?, part(16)?);
        part(2)?;
        let known = version == "00";
        let fits = version != "ff" && is_not_zero(span) && !(known && parts.next().is_some());
        let span = SpanId(u64::from_str_radix(span, 16).ok()?);
        trace.parse().ok().filter(|_| fits).map(|trace| Self { trace, span })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-01", self.trace, self.span)
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_not_zero(text: &str) -> bool {
    text.bytes().any(|byte| byte != b'0')
}

impl FromStr for TraceId {
    type Err = InvalidTraceId;

    fn from_str(text: &str) -> Result<Self, InvalidTraceId> {
        if !is_hex(text, 32) || !is_not_zero(text) {
            return Err(InvalidTraceId);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| InvalidTraceId)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl TryFrom<String> for TraceId {
    type Error = InvalidTraceId;

    fn try_from(text: String) -> Result<Self, InvalidTraceId> {
        text.parse()
    }
}

impl From<TraceId> for String {
    fn from(trace: TraceId) -> Self {
        trace.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_traceparent_names_its_trace() {
        for header in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later",
        ] {
            assert_eq!(TraceId::from_traceparent(header).unwrap().to_string(), TRACE);
        }
    }

    #[test]
    fn a_malformed_traceparent_names_none() {
        for header in [
            "",
            TRACE,
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\u{e9}-00f067aa0ba902b7-01",
            "00-\"},\"verb\":\"x\"}aaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceId::from_traceparent(header), None, "{header}");
        }
    }

    #[test]
    fn a_trace_is_handed_on_under_our_own_span() {
        let trace: TraceId = TRACE.parse().unwrap();
        let id = Uuid::from_u128(0x0123_4567_89ab_7cde_80f0_67aa_0ba9_02b6);
        let parent = TraceParent { trace, span: SpanId::nth(id, 1) };
        let header = parent.to_string();
        assert_eq!(header, "00-4bf92f3577b34da6a3ce929d0e0e4736-80f067aa0ba902b7-01");
        assert_eq!(TraceParent::parse(&header), Some(parent));
        assert_ne!(parent.span.inner(), parent.span);
        assert_eq!(TraceId::of(id).to_string(), id.simple().to_string());
    }
}
