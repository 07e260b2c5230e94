//! The pages that the browser shows: one server, under two names, of which the program calls one private.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the pages say that their fields hold or held: by host, path and field.
type Landed = Arc<Mutex<BTreeMap<String, String>>>;

/// The pages that are served.
pub struct Pages {
    pub port: u16,
    landed: Landed,
}

impl Pages {
    /// Serves these pages (path, title, body) on a port of loopback, for as long as the tests run.
    pub fn serve(pages: Vec<(&'static str, String, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let landed = Landed::default();
        let (pages, noted) = (Arc::new(pages), Arc::clone(&landed));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, noted) = (Arc::clone(&pages), Arc::clone(&noted));
                // A browser opens more connections than it uses.
                std::thread::spawn(move || answer(stream, &pages, &noted));
            }
        });
        Self { port, landed }
    }

    /// Whether that field holds this text, now or within a second.
    pub fn have(&self, field: &str, text: &str) -> bool {
        (0..20).any(|_| {
            let has = self.landed.lock().unwrap().get(field).is_some_and(|value| value.contains(text));
            if !has {
                std::thread::sleep(Duration::from_millis(50));
            }
            has
        })
    }
}

fn answer(mut stream: TcpStream, pages: &[(&str, String, String)], landed: &Landed) {
    let mut request = Vec::new();
    let mut buffer = [0; 4_096];
    let (head, body) = loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return };
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break (head.to_owned(), body.to_owned());
        }
    };
    let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    if path == "/landed" {
        if let Some((place, value)) = body.split_once('\n') {
            landed.lock().unwrap().entry(place.to_owned()).or_default().push_str(&format!("{value}\n"));
        }
        let _ = write!(stream, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        return;
    }
    let page = pages.iter().find(|(known, _, _)| *known == path);
    let (status, text) = match page {
        Some((_, title, body)) => ("200 OK", include_str!("page.html").replace("TITLE", title).replace("BODY", body)),
        None => ("404 Not Found", String::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n");
    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{text}", text.len());
}
