//! Pages that become others by themselves.

use std::time::Duration;

use atspi::StateSet;
use candor_redact::Observed;

use super::installed;
use super::page::{FIELD, PAGE, Page, focused};
use super::rig::{Desk, chromium_at, serve, typed};
use crate::a11y::testing::Session;
use crate::a11y::{Gate, Told};
use crate::testing::Display;

/// What was typed on each origin.
fn by_origin(desk: &Desk) -> Vec<(Option<String>, String)> {
    let mut origin = desk.windows.last().cloned().flatten();
    let mut texts: Vec<(Option<String>, String)> = Vec::new();
    for seen in &desk.seen {
        match &seen.what {
            Observed::Window { origin: other, .. } => origin.clone_from(other),
            _ => {
                for c in typed(std::slice::from_ref(seen)).into_iter().filter_map(|(c, _)| c) {
                    match texts.last_mut() {
                        Some((same, text)) if *same == origin => text.push(c),
                        _ => texts.push((origin.clone(), c.to_string())),
                    }
                }
            }
        }
    }
    texts
}

#[test]
fn what_is_typed_into_a_page_that_navigated_by_itself_belongs_to_its_new_origin() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    let port = serve(concat!(
        "<!doctype html><title>Page</title><input autofocus style='width:100vw;height:20vh'>",
        "<script>if (location.hostname == '127.0.0.1') setTimeout(() => location.hostname = 'localhost', 6000)</script>"
    ));
    let address = format!("http://127.0.0.1:{port}/private?token=zebra");
    let Some(mut desk) = Desk::start(chromium_at(&address, profile.path(), true), true) else { return };
    desk.text("one");
    desk.pump_keys(3);
    desk.pump(Duration::from_secs(8));
    desk.text("two");
    desk.pump_keys(6);
    let origin = |host: &str| Some(format!("http://{host}:{port}"));
    let expected = [(origin("127.0.0.1"), "one".to_owned()), (origin("localhost"), "two".to_owned())];
    assert_eq!(by_origin(&desk), expected);
}

/// What a gate tells of a field in a page of one host, whose page is then loaded from another with these states.
fn told(after: &str, states: StateSet) -> Option<Vec<String>> {
    let display = Display::start()?;
    let session = Session::start(&display)?;
    let gate = Gate::start(Some(session.address())).unwrap();
    async_io::block_on(async {
        let page = Page::open(&session.address()).await.unwrap();
        page.serve("", focused(), Duration::from_millis(700)).await;
        page.signal(FIELD, "Object", "StateChanged", "focused", 1).await;
        page.serve("one.example", focused(), Duration::from_millis(300)).await;
        page.signal(PAGE, "Document", "LoadComplete", "", 0).await;
        page.serve(after, states, Duration::from_millis(300)).await;
    });
    let told = std::iter::from_fn(|| gate.told()).filter_map(|(_, told)| match told {
        Told::Focus(field) => Some(field.origin.clone().unwrap_or_default()),
        Told::Left(_) => Some("left".to_owned()),
        _ => None,
    });
    Some(told.collect())
}

#[test]
fn a_field_whose_page_is_loaded_from_another_host_is_another_field() {
    let Some(told) = told("two.example", focused()) else { return };
    assert_eq!(told, ["http://one.example", "left", "http://two.example"]);
}

#[test]
fn a_field_whose_page_is_loaded_again_stays() {
    let Some(told) = told("one.example", focused()) else { return };
    assert_eq!(told, ["http://one.example"]);
}

#[test]
fn a_field_that_is_gone_with_its_page_is_left() {
    let Some(told) = told("two.example", StateSet::empty()) else { return };
    assert_eq!(told, ["http://one.example", "left"]);
}
