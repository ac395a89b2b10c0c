//! One small style sheet out of `style/main.css` and what it imports.

use std::path::Path;
use std::sync::{Arc, RwLock};

use anyhow::{Result, anyhow, bail};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

/// The first versions with `light-dark()`: everything older than that is left behind, so that
/// nesting and oklch reach the browser as written.
const BROWSERS: Browsers = Browsers {
    android: None,
    chrome: Some(123 << 16),
    edge: Some(123 << 16),
    firefox: Some(120 << 16),
    ie: None,
    ios_saf: Some(17 << 16 | 5 << 8),
    opera: None,
    safari: Some(17 << 16 | 5 << 8),
    samsung: None,
};

/// Bundles and minifies; any warning is an error, since a dropped rule is a broken page.
pub fn bundle(entry: &Path) -> Result<String> {
    let files = FileProvider::new();
    let warnings = Arc::new(RwLock::new(Vec::new()));
    let options = ParserOptions { warnings: Some(warnings.clone()), ..ParserOptions::default() };
    let mut sheet = Bundler::new(&files, None, options)
        .bundle(entry)
        .map_err(|error| anyhow!("style sheet: {error}"))?;
    let targets = Targets::from(BROWSERS);
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| anyhow!("style sheet: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })
        .map_err(|error| anyhow!("style sheet: {error}"))?;
    if let Ok(warnings) = warnings.read()
        && let Some(first) = warnings.first()
    {
        bail!("style sheet: {first}");
    }
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::bundle;

    fn bundled(name: &str, css: &str) -> anyhow::Result<String> {
        let file = std::env::temp_dir().join(format!("assize-{}-{name}.css", std::process::id()));
        std::fs::write(&file, css)?;
        let sheet = bundle(&file);
        std::fs::remove_file(&file)?;
        sheet
    }

    #[test]
    fn modern_css_reaches_the_browser_as_written() {
        let css =
            "a { color: light-dark(oklch(40% 0.1 250), oklch(80% 0.1 250)); &:hover { top: 0 } }";
        let sheet = bundled("modern", css).unwrap();
        assert!(sheet.contains("light-dark(oklch("), "{sheet}");
        assert!(sheet.contains("&:hover"), "{sheet}");
    }

    #[test]
    fn a_mistake_stops_the_build() {
        assert!(bundled("selector", "a { color: red } ]b[ { color: red }").is_err());
        assert!(bundled("missing", "@import url(\"nowhere.css\");").is_err());
    }
}
