//! Page cursors come from the address bar: anything can stand there.

use domain::{
    Timestamp,
    page::{InvalidCursor, Page, Place, Seek},
};
use proptest::prelude::*;
use uuid::Uuid;

fn place() -> impl Strategy<Value = Place> {
    // The years 0 to 9999, which both databases can hold.
    let micros = -62_167_219_200_000_000_i64..253_402_300_800_000_000;
    (micros, any::<u128>()).prop_map(|(micros, id)| Place {
        at: Timestamp::from_timestamp_micros(micros).unwrap(),
        id: Uuid::from_u128(id),
    })
}

proptest! {
    #[test]
    fn a_cursor_is_read_back_for_its_own_list_and_for_no_other(
        place in place(), scope: String, other: String,
    ) {
        for seek in [Seek::After(place), Seek::Before(place)] {
            let text = seek.encode(&scope).unwrap();
            prop_assert_eq!(Seek::decode(&text, &scope), Ok(seek));
            if scope != other {
                prop_assert_eq!(Seek::decode(&text, &other), Err(InvalidCursor));
            }
        }
    }

    #[test]
    fn a_cursor_with_one_character_changed_is_refused(place in place(), at: prop::sample::Index, to in "[ -~]") {
        let text = Seek::After(place).encode("runs").unwrap();
        let mut changed = text.clone();
        let at = at.index(text.len());
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(Seek::decode(&changed, "runs").is_ok(), changed == text);
    }

    #[test]
    fn any_text_is_a_cursor_or_a_refusal(text: String, shaped in "[ab]?[-+]?[0-9é]{0,25}\\.[0-9a-f-]{0,40}\\.[0-9a-f]{8}") {
        prop_assert_eq!(Seek::decode(&text, "runs"), Err(InvalidCursor));
        let _ = Seek::decode(&shaped, "runs");
    }

    #[test]
    fn a_page_never_has_more_rows_than_its_size_and_links_to_rows_it_has(
        rows in 0_usize..12, size in -3_i64..12, side in 0..3,
    ) {
        let here = |n: &usize| Place { at: Timestamp::UNIX_EPOCH, id: Uuid::from_u128(*n as u128) };
        let seek = [Seek::First, Seek::After(here(&99)), Seek::Before(here(&99))][side as usize];
        let page = Page::new((0..rows).collect(), size, seek, here);
        prop_assert_eq!(page.rows.len() as i64, (rows as i64).min(size.max(0)));
        let (first, last) = (page.rows.first().map(here), page.rows.last().map(here));
        prop_assert!(page.previous.is_none() || page.previous == first.map(Seek::Before));
        prop_assert!(page.next.is_none() || page.next == last.map(Seek::After));
    }
}

#[test]
fn a_place_beyond_the_calendar_is_refused_even_with_the_right_seal() {
    // The seal is no secret: whoever forges a cursor must still not get through to the database.
    for micros in [i64::MAX, i64::MIN] {
        let body = format!("a{micros}.{}", Uuid::nil().simple());
        let seal = domain::canonical::digest(format!("{body}\nruns").as_bytes());
        let text = format!("{body}.{}", &seal[..8]);
        assert_eq!(Seek::decode(&text, "runs"), Err(InvalidCursor));
    }
}
