//! The HTML document around every page, and the script that starts its islands.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use serde_json::json;

use crate::components::icon::IconSprite;

/// Addresses of the built assets. Their names contain a hash of their content, so that browsers may
/// keep them for ever. Provided as context by the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The JavaScript that loads the islands.
    pub js: String,
    /// The islands.
    pub wasm: String,
}

/// The document. `page` renders what stands in its body, after the context it may need is there.
pub fn shell<V, P>(assets: &Assets, page: P) -> impl IntoView + use<V, P>
where
    V: IntoView + 'static,
    P: FnOnce() -> V,
{
    provide_meta_context();
    provide_context(assets.clone());
    // Only islands are hydrated; the rest of the page is final as it is sent.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=assets.css.clone() />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <MetaTags />
            </head>
            <body>
                <IconSprite />
                {page()}
            </body>
        </html>
    }
}

/// Starts the islands of the page. Pages without islands (sign-in) leave it out and load no script.
/// It does what `leptos::hydration::HydrationScripts` does for islands that have no islands inside,
/// with addresses that are hashed.
#[component]
pub fn IslandScripts() -> impl IntoView {
    use_context::<Assets>().map(|assets| {
        let nonce = use_nonce();
        let script = format!(
            "{}start({}, {});",
            include_str!("islands/start.js"),
            json!(assets.js),
            json!(assets.wasm)
        );
        view! {
            <link rel="modulepreload" href=assets.js nonce=nonce.clone() />
            <link
                rel="preload"
                href=assets.wasm
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
            <script type="module" nonce=nonce>
                {script}
            </script>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::{safe_title::SafeTitle, testing::render_document};

    fn assets() -> Assets {
        Assets {
            css: "/assets/assize-1.css".to_owned(),
            js: "/assets/assize-2.js".to_owned(),
            wasm: "/assets/assize-3.wasm".to_owned(),
        }
    }

    #[tokio::test]
    async fn the_document_names_its_assets_and_its_title() {
        let page = || view! { <SafeTitle text="Runs" /> <IslandScripts /> };
        let html = render_document(move || shell(&assets(), page)).await;
        assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
        assert!(html.contains("<title>Runs · Assize</title>"), "{html}");
        assert!(html.contains(r#"<link rel="stylesheet" href="/assets/assize-1.css">"#), "{html}");
        assert!(
            html.contains(r#"start("/assets/assize-2.js", "/assets/assize-3.wasm");"#),
            "{html}"
        );
    }

    #[tokio::test]
    async fn a_page_without_islands_loads_no_script() {
        let html = render_document(|| shell(&assets(), || view! { <p>"Sign in"</p> })).await;
        assert!(!html.contains("type=\"module\""), "{html}");
        assert!(!html.contains(".wasm"), "{html}");
    }
}
