//! What changed between two texts, line by line.

/// A line of both texts, or of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// In both.
    Same(&'a str),
    /// Only in the old text.
    Removed(&'a str),
    /// Only in the new text.
    Added(&'a str),
    /// This many lines that are in both, left out.
    Gap(usize),
}

/// The largest table that is compared, in cells; what is larger counts as replaced.
const LARGEST: usize = 4_000_000;

/// Lines that are shown before and after a change.
const AROUND: usize = 3;

/// The lines of both texts in order, with long stretches that did not change left out.
pub fn lines<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_mid, new_mid) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);

    let mut lines: Vec<Line<'a>> = old[..start].iter().map(|line| Line::Same(line)).collect();
    compare(old_mid, new_mid, &mut lines);
    lines.extend(old_rest[old_rest.len() - end..].iter().map(|line| Line::Same(line)));
    folded(&lines)
}

/// How many lines were added and removed.
pub fn tally(lines: &[Line<'_>]) -> (usize, usize) {
    let count = |wanted: fn(&Line<'_>) -> bool| lines.iter().filter(|line| wanted(line)).count();
    (count(|line| matches!(line, Line::Added(_))), count(|line| matches!(line, Line::Removed(_))))
}

/// The longest common subsequence, by the textbook's table of lengths.
fn compare<'a>(old: &[&'a str], new: &[&'a str], out: &mut Vec<Line<'a>>) {
    let width = new.len() + 1;
    if old.len().saturating_mul(width) > LARGEST {
        out.extend(old.iter().map(|line| Line::Removed(line)));
        out.extend(new.iter().map(|line| Line::Added(line)));
        return;
    }
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = match old[i] == new[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            out.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            out.push(Line::Removed(old[i]));
            i += 1;
        } else {
            out.push(Line::Added(new[j]));
            j += 1;
        }
    }
    out.extend(old[i..].iter().map(|line| Line::Removed(line)));
    out.extend(new[j..].iter().map(|line| Line::Added(line)));
}

fn folded<'a>(lines: &[Line<'a>]) -> Vec<Line<'a>> {
    let changed: Vec<bool> = lines.iter().map(|line| !matches!(line, Line::Same(_))).collect();
    let near = |at: usize| {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(lines.len()));
        changed[from..to].contains(&true)
    };
    let mut out = Vec::new();
    let mut hidden = 0;
    for (at, line) in lines.iter().enumerate() {
        if near(at) {
            if hidden > 0 {
                out.push(Line::Gap(std::mem::take(&mut hidden)));
            }
            out.push(*line);
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        out.push(Line::Gap(hidden));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Line::*, *};

    #[test]
    fn changed_lines_stand_between_the_lines_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni";
        let shown = lines(old, new);
        assert_eq!(
            shown,
            [
                Gap(1),
                Same("b"),
                Same("c"),
                Same("d"),
                Removed("e"),
                Added("E"),
                Same("f"),
                Same("g"),
                Same("h"),
                Gap(1)
            ]
        );
        assert_eq!(tally(&shown), (1, 1));
    }

    #[test]
    fn equal_texts_have_nothing_to_show() {
        assert_eq!(lines("a\nb", "a\nb"), [Gap(2)]);
        assert!(lines("", "").is_empty());
    }

    #[test]
    fn additions_and_removals_keep_their_order() {
        assert_eq!(lines("", "x\ny"), [Added("x"), Added("y")]);
        assert_eq!(lines("x\ny", "y\nz"), [Removed("x"), Same("y"), Added("z")]);
    }

    #[test]
    fn texts_too_large_to_compare_count_as_replaced() {
        let old: String = (0..2_100).map(|n| format!("old {n}\n")).collect();
        let new: String = (0..2_100).map(|n| format!("new {n}\n")).collect();
        assert_eq!(tally(&lines(&old, &new)), (2_100, 2_100));
    }
}
