//! The text model behind a pipe, for the oracles in tests/oracle: reads one request a line, answers each with one.
//!
//! `new desktop|readline single|multi` begins an empty field; `key MODIFIERS KEY` presses a key, where MODIFIERS are
//! letters of `SCA` or `-`, and KEY is a W3C name or `U+0061`. The answer is
//! `CONFIDENCE CARET ANCHOR TEXT`, the text in hexadecimal UTF-8, `-` for what is not known or empty.

use std::io::{BufRead, Write};

use candor_redact::text::{Bindings, Lines, Stroke, TextField, View};
use candor_redact::{FieldText, LogicalKey};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut field = None;
    let mut view = View::default();
    let mut out = std::io::stdout().lock();
    for (id, line) in (1..).zip(std::io::stdin().lock().lines()) {
        let line = line?;
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["new", bindings, lines] => {
                let bindings = if *bindings == "readline" { Bindings::Readline } else { Bindings::Desktop };
                let lines = if *lines == "multi" { Lines::Multi } else { Lines::Single };
                field = Some(TextField::new(bindings, Some(&FieldText::empty())).with_lines(lines));
            }
            ["key", modifiers, key] => {
                let field = field.as_mut().ok_or("no field was begun")?;
                field.key(id, &stroke(modifiers, key)?);
            }
            _ => return Err("a request is `new` or `key`".into()),
        }
        let field = field.as_ref().ok_or("no field was begun")?;
        field.live(&mut view);
        let text: String = view.text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let text = if text.is_empty() { "-" } else { &text };
        let (caret, anchor) = field
            .position()
            .map_or(("-".into(), "-".into()), |(caret, anchor)| (caret.to_string(), anchor.to_string()));
        writeln!(out, "{:?} {caret} {anchor} {text}", field.confidence())?;
        out.flush()?;
    }
    Ok(())
}

fn stroke(modifiers: &str, key: &str) -> Result<Stroke, Box<dyn std::error::Error>> {
    let logical = match key.strip_prefix("U+") {
        Some(code) => {
            LogicalKey::Char(char::from_u32(u32::from_str_radix(code, 16)?).ok_or("a surrogate is no character")?)
        }
        None => LogicalKey::Named(key.parse()?),
    };
    let down = |modifier: char| modifiers.contains(modifier);
    Ok(Stroke { shift: down('S'), ctrl: down('C'), alt: down('A'), ..Stroke::plain(logical) })
}
