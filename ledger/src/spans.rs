//! Places in a log, neighbours together: `7,12-15`.

use std::{fmt, str::FromStr};

/// Stretches of places, both ends included, in the order in which they were put in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<(u64, u64)>);

/// The text is not of the form `7,12-15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("places are written like 7,12-15")]
pub struct SpansError;

impl Spans {
    /// Adds a place: to the last stretch where it comes next.
    pub fn push(&mut self, place: u64) {
        match self.0.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(place) => *last = place,
            _ => self.0.push((place, place)),
        }
    }

    /// Pieces of at most so many stretches.
    pub fn pieces(&self, stretches: usize) -> impl Iterator<Item = Self> + '_ {
        self.0.chunks(stretches.max(1)).map(|piece| Self(piece.to_vec()))
    }

    /// Takes in those of others that end before a place.
    pub fn extend_before(&mut self, others: &Self, place: u64) {
        self.0.extend(others.0.iter().filter(|(_, last)| *last < place));
    }

    /// The first of its stretches that is not within one of the others, however those are cut.
    pub fn not_within(&self, others: &Self) -> Option<(u64, u64)> {
        let others = others.clone().merged();
        self.0.iter().copied().find(|(first, last)| {
            let at = others.partition_point(|(_, to)| to < first);
            others.get(at).is_none_or(|(from, to)| first < from || to < last)
        })
    }

    /// The same places in as few stretches as there can be, in their order.
    fn merged(mut self) -> Vec<(u64, u64)> {
        self.0.sort_unstable();
        self.0.dedup_by(|next, kept| {
            let touches = next.0 <= kept.1.saturating_add(1);
            if touches {
                kept.1 = kept.1.max(next.1);
            }
            touches
        });
        self.0
    }
}

impl FromIterator<u64> for Spans {
    fn from_iter<I: IntoIterator<Item = u64>>(places: I) -> Self {
        let mut spans = Self::default();
        places.into_iter().for_each(|place| spans.push(place));
        spans
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (first, last)) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Spans {
    type Err = SpansError;

    fn from_str(text: &str) -> Result<Self, SpansError> {
        let place = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| plain).ok_or(SpansError)
        };
        let span = |part: &str| match part.split_once('-') {
            Some((first, last)) => Ok((place(first)?, place(last)?)),
            None => place(part).map(|place| (place, place)),
        };
        text.split(',').map(span).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_written_together_and_read_again() {
        let spans: Spans = [3, 4, 5, 7, 9, 10].into_iter().collect();
        assert_eq!(spans.to_string(), "3-5,7,9-10");
        assert_eq!(spans.to_string().parse(), Ok(spans.clone()));
        let pieces: Vec<_> = spans.pieces(2).map(|piece| piece.to_string()).collect();
        assert_eq!(pieces, ["3-5,7", "9-10"]);
        for wrong in ["", "3-", "-3", "3,,4", "+3", " 3", "3-4-5", "99999999999999999999"] {
            assert_eq!(wrong.parse::<Spans>(), Err(SpansError), "{wrong:?}");
        }
    }

    #[test]
    fn within_others_is_what_they_cover_together_and_nothing_else() {
        let spans = |text: &str| text.parse::<Spans>().unwrap();
        assert_eq!(spans("5-9").not_within(&spans("8-9,5-7")), None);
        assert_eq!(spans("5-9").not_within(&spans("5-6,8-9")), Some((5, 9)));
        assert_eq!(spans("2,5-6").not_within(&spans("4-9")), Some((2, 2)));
        assert_eq!(spans("5").not_within(&Spans::default()), Some((5, 5)));
        let mut said = Spans::default();
        said.extend_before(&spans("3,8-9"), 9);
        assert_eq!(said, spans("3"));
    }
}
