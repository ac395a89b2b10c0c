//! The design system: plain functions that render semantic HTML and need no script. Each has a
//! style sheet of its own name under `style/components`. Islands use them, too: only what needs the server
//! is left out of the browser's build.

pub mod alert;
#[cfg(feature = "ssr")]
pub mod app_frame;
pub mod budget_meter;
pub mod button;
pub mod chart;
pub mod code_block;
pub mod confirm_panel;
pub mod counts_bar;
pub mod data_table;
pub mod digest;
pub mod duration;
pub mod empty_state;
#[cfg(feature = "ssr")]
pub mod error_state;
pub mod error_summary;
pub mod export_menu;
pub mod field;
pub mod filter_bar;
pub mod heat_strip;
pub mod icon;
pub mod json_view;
pub mod key_value;
#[cfg(feature = "ssr")]
pub mod kill_banner;
pub mod link_card;
#[cfg(feature = "ssr")]
pub mod page_header;
pub mod pager;
pub mod panel;
#[cfg(feature = "ssr")]
pub mod plain_frame;
#[cfg(feature = "ssr")]
pub mod reason_field;
#[cfg(feature = "ssr")]
pub mod run_totals;
#[cfg(feature = "ssr")]
pub mod safe_textarea;
#[cfg(feature = "ssr")]
pub mod safe_title;
pub mod stat;
pub mod status_badge;
pub mod tabs;
pub mod tag;
pub mod timeline;
pub mod timestamp;
pub mod tone;
pub mod visually_hidden;

#[cfg(test)]
#[cfg(feature = "ssr")]
pub(crate) mod testing;

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    fn house() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    /// Every source file under `app/src`, with its text.
    fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(sources(&path));
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
        found
    }

    fn users_of(markup: &str) -> Vec<String> {
        let this = Path::new(file!()).file_name();
        let all = sources(&house().join("app/src"));
        let users =
            all.iter().filter(|(path, text)| path.file_name() != this && text.contains(markup));
        users.map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn only_the_wrappers_use_what_leptos_does_not_escape() {
        assert_eq!(users_of("<textarea"), ["safe_textarea.rs"]);
        assert_eq!(users_of("<Title"), ["safe_title.rs"]);
        assert_eq!(users_of("leptos_meta::Title"), ["safe_title.rs"]);
        let mut raw = users_of("inner_html=");
        raw.sort();
        assert_eq!(raw, ["icon.rs", "safe_textarea.rs"]);
    }

    #[test]
    fn every_style_sheet_is_imported_and_belongs_to_a_source_of_its_name() {
        let main = fs::read_to_string(house().join("style/main.css")).unwrap();
        for entry in fs::read_dir(house().join("style/components")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let homes = ["components", "islands"];
            let source = homes
                .map(|home| house().join(format!("app/src/{home}/{name}.rs")))
                .into_iter()
                .find(|source| source.exists());
            assert!(source.is_some(), "style/components/{name}.css has no component");
            let import = format!("url(\"components/{name}.css\")");
            assert!(main.contains(&import), "style/main.css does not import {name}.css");
        }
    }
}
