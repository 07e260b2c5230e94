use proptest::prelude::*;

use super::*;

/// A line of text with a selection, as simple as it can be.
#[derive(Default)]
struct Naive {
    text: Vec<char>,
    caret: usize,
    anchor: usize,
}

impl Naive {
    fn take_selection(&mut self) -> bool {
        let (from, to) = (self.caret.min(self.anchor), self.caret.max(self.anchor));
        self.text.drain(from..to);
        (self.caret, self.anchor) = (from, from);
        from != to
    }

    fn press(&mut self, key: &str) {
        let (select, name) = match key.strip_prefix("<S-") {
            Some(name) => (true, name),
            None => (false, key.trim_start_matches('<')),
        };
        let (low, high) = (self.caret.min(self.anchor), self.caret.max(self.anchor));
        let to = match name.trim_end_matches('>') {
            "Left" if !select && low != high => low,
            "Right" if !select && low != high => high,
            "Left" => self.caret.saturating_sub(1),
            "Right" => (self.caret + 1).min(self.text.len()),
            "Home" => 0,
            "End" => self.text.len(),
            "C-a" => {
                (self.anchor, self.caret) = (0, self.text.len());
                return;
            }
            "BS" => {
                if !self.take_selection() && self.caret > 0 {
                    self.caret -= 1;
                    self.anchor = self.caret;
                    self.text.remove(self.caret);
                }
                return;
            }
            "Del" => {
                if !self.take_selection() && self.caret < self.text.len() {
                    self.text.remove(self.caret);
                }
                return;
            }
            typed => {
                self.take_selection();
                self.text.insert(self.caret, typed.chars().next().unwrap());
                self.caret += 1;
                self.anchor = self.caret;
                return;
            }
        };
        self.caret = to;
        if !select {
            self.anchor = to;
        }
    }
}

const SIMPLE: &[&str] = &[
    "a",
    "b",
    "7",
    " ",
    "ß",
    "<Left>",
    "<Right>",
    "<Home>",
    "<End>",
    "<S-Left>",
    "<S-Right>",
    "<S-Home>",
    "<S-End>",
    "<BS>",
    "<Del>",
    "<C-a>",
];

const ANY: &[&str] = &[
    "a",
    "1",
    "é",
    "\u{301}",
    "👍",
    "<Left>",
    "<Right>",
    "<Up>",
    "<Home>",
    "<C-End>",
    "<C-Left>",
    "<C-S-Right>",
    "<S-Left>",
    "<BS>",
    "<Del>",
    "<C-BS>",
    "<C-Del>",
    "<C-a>",
    "<C-x>",
    "<C-v>",
    "<C-c>",
    "<C-z>",
    "<C-k>",
    "<C-w>",
    "<C-y>",
    "<C-u>",
    "<C-t>",
    "<A-b>",
    "<A-f>",
    "<A-d>",
    "<A-BS>",
    "<Enter>",
    "<Tab>",
    "<dead ´>",
    "<composing>",
    "<Compose>",
    "<unknown>",
    "<Insert>",
    "<Escape>",
    "<M-v>",
];

#[derive(Debug, Clone)]
enum Op {
    Key(&'static str),
    Click,
    Commit(String),
    Edit(usize, usize, String),
    Caret(usize, usize),
    Value(String, Option<usize>),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => prop::sample::select(ANY).prop_map(Op::Key),
        1 => Just(Op::Click),
        1 => "[a-c]{0,3}".prop_map(Op::Commit),
        1 => (0..12usize, 0..4usize, "[a-c1 ]{0,4}").prop_map(|(at, removed, text)| Op::Edit(at, removed, text)),
        1 => (0..12usize, 0..12usize).prop_map(|(at, anchor)| Op::Caret(at, anchor)),
        1 => ("[a-c1 ]{0,8}", prop::option::of(0..12usize)).prop_map(|(text, caret)| Op::Value(text, caret)),
    ]
}

proptest! {
    #[test]
    fn is_the_field_while_it_says_so(keys in prop::collection::vec(prop::sample::select(SIMPLE), 0..80)) {
        let (mut desk, mut naive) = (Desk::line(""), Naive::default());
        for key in keys {
            if key.starts_with("<S-") && naive.caret == naive.text.len() && naive.anchor == 0 {
                continue; // Toolkits differ after select-all.
            }
            desk.press(key);
            naive.press(key);
            prop_assert_eq!(desk.live(), naive.text.iter().collect::<String>());
            prop_assert_eq!(desk.field.position(), Some((naive.caret, naive.anchor)));
        }
    }

    #[test]
    fn survives_any_order_and_loses_no_typed_character(
        bindings in prop::sample::select(&[Bindings::Desktop, Bindings::Readline, Bindings::Opaque][..]),
        lines in prop::sample::select(&[Lines::Single, Lines::Multi, Lines::Unknown][..]),
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let mut desk = Desk::of(bindings, lines, "one");
        let mut typed = Vec::new();
        for op in ops {
            match op {
                Op::Key(key) => {
                    if key.chars().count() == 1 {
                        typed.push((desk.next, key));
                    }
                    desk.press(key);
                }
                Op::Click => desk.field.clicked(desk.next),
                Op::Commit(text) => desk.field.committed(desk.next, &text),
                Op::Edit(at, removed, text) => desk.field.edited(desk.next, at, removed, &text),
                Op::Caret(at, anchor) => desk.field.caret(at, anchor),
                Op::Value(text, caret) => {
                    desk.field.value(&FieldText { text: text.clone(), caret, anchor: caret });
                    prop_assert_eq!(desk.live(), text);
                }
            }
            desk.next += 1;
        }
        for (id, _) in typed {
            prop_assert!(desk.field.cells().iter().any(|cell| cell.made_by.contains(&id)), "nothing has maker {}", id);
        }
        prop_assert_eq!(desk.inlined().chars().count(), desk.field.cells().len());
    }
}
