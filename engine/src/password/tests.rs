use super::*;

const GOOD: &str = "seven green bicycles";

#[test]
fn the_dummy_takes_as_long_as_a_hash_of_today() {
    let dummy = PasswordHash::new(DUMMY).unwrap();
    assert!(is_current(&dummy));
    assert_eq!(compare("", DUMMY).unwrap(), Verdict::Wrong);
}

#[test]
fn short_long_and_common_passwords_are_refused_and_say_why() {
    assert!(check("elevenchars").unwrap_err().contains("at least 12"));
    // Twelve characters, however many bytes they take.
    assert_eq!(check("čtyřicet dva"), Ok(()));
    assert!(check(&"x".repeat(1_025)).unwrap_err().contains("at most 1024"));
    assert_eq!(check(&"xy".repeat(512)), Ok(()));
    for common in ["password1234", "QwertyUiop12", "123456789012"] {
        assert!(check(common).unwrap_err().contains("common"), "{common}");
    }
    assert_eq!(check(GOOD), Ok(()));
}

#[test]
fn the_list_of_common_passwords_has_only_lines_that_matter() {
    let lines: Vec<_> = COMMON.lines().collect();
    assert!(lines.len() >= 300, "{}", lines.len());
    assert!(lines.is_sorted(), "sorted, so that a change is easy to read");
    for line in lines {
        assert_eq!(line, line.to_lowercase());
        assert!(line.chars().count() >= SHORTEST, "'{line}' is refused for its length already");
    }
}

#[tokio::test]
async fn a_hash_is_a_phc_string_with_todays_parameters_and_lets_only_its_password_in() {
    let passwords = Passwords::default();
    let hash = passwords.hash(GOOD, [7; 32]).await.unwrap();
    assert!(hash.expose().starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{}", hash.expose());
    assert_eq!(passwords.verify(GOOD, Some(&hash)).await.unwrap(), Verdict::Right);
    assert_eq!(passwords.verify("another", Some(&hash)).await.unwrap(), Verdict::Wrong);
    assert_eq!(passwords.verify("", None).await.unwrap(), Verdict::Wrong);
}

#[tokio::test]
async fn a_hash_with_weaker_parameters_is_right_but_outdated() {
    let weak = Params::new(1_024, 1, 1, None).unwrap();
    let hash = hasher(weak).hash_password_with_salt(GOOD.as_bytes(), b"0123456789abcdef").unwrap();
    let hash = Secret::new(hash.to_string());
    let verdict = Passwords::default().verify(GOOD, Some(&hash)).await.unwrap();
    assert_eq!(verdict, Verdict::Outdated);
}

#[tokio::test]
async fn a_password_that_is_too_long_is_wrong_without_being_hashed() {
    let long = "x".repeat(LONGEST + 1);
    let hash = hasher(PARAMS).hash_password_with_salt(long.as_bytes(), &[7; 16]).unwrap();
    let hash = Secret::new(hash.to_string());
    let verdict = Passwords::default().verify(&long, Some(&hash)).await.unwrap();
    assert_eq!(verdict, Verdict::Wrong);
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_turn_is_told_to_come_back() {
    let passwords = Passwords { patience: Duration::ZERO, ..Passwords::default() };
    let _all = Arc::clone(&passwords.permits).acquire_many_owned(4).await.unwrap();
    let refusal = passwords.verify(GOOD, None).await.unwrap_err();
    assert!(matches!(refusal, ServiceError::Throttled { retry_after_seconds: 2 }));
}
