//! What has the focus already: asked for where nobody has told of it, as it has it since before anybody listened.
//!
//! What is found is what an application answers, and it may be late. So it is found only where no focus was told of while it
//! was looked for, and only where it is one element of an active window.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use async_io::Timer;
use atspi::{Role, State};
use futures_lite::future::{self, try_zip};
use zbus::message::Message;

use super::Told;
use super::bus::{self, Caller, Object, Signal};
use super::element::{WINDOWS_MAX, describe};
use super::watch::{ECHO, PATIENCE, Watcher};

/// In so many elements of an application what has the focus is looked for. A page counts as one.
const ELEMENTS_MAX: usize = 500;

impl Watcher<'_> {
    /// Finds out what has the focus in the active window of this process, and tells it; nothing where that is not sure.
    pub(super) async fn find(&mut self, asked: Instant, process: u32) {
        let Some(application) = self.application(process).await else { return };
        let caller = self.bus.caller.clone();
        let found = async {
            let object = focused(&caller, &application).await.ok()??;
            let description = describe(&caller, &object).await.ok()?;
            Some((object, description))
        };
        let late = async {
            Timer::after(PATIENCE).await;
            None
        };
        let told = async {
            while let Some(message) = self.bus.next().await {
                let focus = tells_focus(&message);
                self.pending.push_back(message);
                if focus {
                    break;
                }
            }
            None
        };
        let found = future::or(told, future::or(found, late)).await;
        self.bus.drain(&mut self.pending);
        if self.pending.iter().any(tells_focus) {
            return;
        }
        let Some((object, description)) = found else { return };
        // A signal that follows is none that was heeded already.
        let since = Instant::now().checked_sub(ECHO).unwrap_or(asked);
        let field = Arc::new(self.focused(object, description, since).await);
        self.tell.tell(Told::Found { asked, field });
    }

    async fn application(&mut self, process: u32) -> Option<Object> {
        for application in self.bus.caller.applications().await.ok()? {
            if self.process(&application).await == Some(process) {
                return Some(application);
            }
        }
        None
    }
}

fn tells_focus(message: &Message) -> bool {
    matches!(bus::read(message), Some((_, Signal::Focus { .. })))
}

/// The one element of an application's active windows that says that it has the focus.
async fn focused(caller: &Caller, application: &Object) -> zbus::Result<Option<Object>> {
    let mut waiting = VecDeque::new();
    for window in caller.children(application).await?.into_iter().take(WINDOWS_MAX) {
        if caller.states(&window).await?.contains(State::Active) {
            waiting.push_back(window);
        }
    }
    let mut found = Vec::new();
    for _ in 0..ELEMENTS_MAX {
        let Some(object) = waiting.pop_front() else {
            let one = found.pop();
            return Ok(one.filter(|_| found.is_empty()));
        };
        // What is gone meanwhile has no focus.
        let Ok((states, role)) = try_zip(caller.states(&object), caller.role(&object)).await else { continue };
        if !states.contains(State::Showing) {
            continue;
        }
        if states.contains(State::Focused) {
            found.push(object.clone());
        }
        // A page is large, and knows by itself.
        if matches!(role, Role::DocumentWeb | Role::DocumentFrame)
            && let Ok(within) = caller.focused(&object).await
        {
            found.extend(within);
        } else if !states.contains(State::ManagesDescendants) {
            waiting.extend(caller.children(&object).await.unwrap_or_default());
        }
    }
    Ok(None)
}
