//! The six tones of the palette. A component asks for a tone, never for a colour.

/// What a thing means to the reader; `style/tokens.css` gives each its colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// No judgement.
    #[default]
    Neutral,
    /// Under way, or worth knowing.
    Info,
    /// As it should be.
    Success,
    /// Needs a person before long.
    Warning,
    /// Went wrong, or ends something.
    Danger,
    /// Came back from an earlier attempt.
    Replay,
}

impl Tone {
    /// The value of the `data-tone` attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
            Self::Replay => "replay",
        }
    }
}
