//! A cron expression in plain words, where it is one of the plain ones.

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// `0 6 * * MON` → `Every Monday at 06:00`. Nothing for what takes more than a phrase to say.
pub fn in_words(expression: &str) -> Option<String> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, "*", weekday] = fields[..] else { return None };
    let days = match (day, weekday) {
        ("*", "*") => "Every day".to_owned(),
        ("*", weekday) => weekdays(weekday)?,
        ("L", "*") => "On the last day of each month".to_owned(),
        (day, "*") => format!("On day {} of each month", number(day, 1..=31)?),
        _ => return None,
    };
    match (minute, hour) {
        ("*", "*") if days == "Every day" => Some("Every minute".to_owned()),
        (step, "*") if days == "Every day" && step.starts_with("*/") => {
            Some(format!("Every {} minutes", number(&step[2..], 2..=59)?))
        }
        (minute, "*") if days == "Every day" => {
            Some(format!("Every hour at minute {}", number(minute, 0..=59)?))
        }
        (minute, hour) => {
            let (minute, hour) = (number(minute, 0..=59)?, number(hour, 0..=23)?);
            Some(format!("{days} at {hour:02}:{minute:02}"))
        }
    }
}

fn number(text: &str, range: std::ops::RangeInclusive<u8>) -> Option<u8> {
    text.parse().ok().filter(|number| range.contains(number))
}

fn weekdays(text: &str) -> Option<String> {
    if let Some((first, last)) = text.split_once('-') {
        return Some(format!("{} to {}", weekday(first)?, weekday(last)?));
    }
    let names: Vec<_> = text.split(',').map(weekday).collect::<Option<_>>()?;
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => format!("Every {last}"),
        others => format!("Every {} and {last}", others.join(", ")),
    })
}

fn weekday(text: &str) -> Option<&'static str> {
    if let Some(number) = number(text, 0..=7) {
        return DAYS.get(usize::from(number % 7)).copied();
    }
    let short = |day: &&str| text.len() == 3 && day[..3].eq_ignore_ascii_case(text);
    DAYS.iter().copied().find(|day| short(day))
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn plain_expressions_are_said_in_plain_words() {
        for (expression, words) in [
            ("0 6 * * MON", "Every Monday at 06:00"),
            ("0 7 1 * *", "On day 1 of each month at 07:00"),
            ("30 23 L * *", "On the last day of each month at 23:30"),
            ("15 4 * * *", "Every day at 04:15"),
            ("0 9 * * 1-5", "Monday to Friday at 09:00"),
            ("0 9 * * mon,wed,7", "Every Monday, Wednesday and Sunday at 09:00"),
            ("*/15 * * * *", "Every 15 minutes"),
            ("5 * * * *", "Every hour at minute 5"),
            ("* * * * *", "Every minute"),
        ] {
            assert_eq!(in_words(expression).as_deref(), Some(words), "{expression}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        for expression in [
            "",
            "0 6 * *",
            "0 6 1 * MON",
            "0 6,18 * * *",
            "0 6 * 2 *",
            "0 6 * * MON#1",
            "x 6 * * *",
        ] {
            assert_eq!(in_words(expression), None, "{expression}");
        }
    }
}
