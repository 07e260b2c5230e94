//! Real processes over loopback: a vault in a temporary folder, and whoever talks to it.
#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program under test: the one that was built with the test, or that a measurement names.
pub fn program() -> PathBuf {
    let named = std::env::var_os("CANDOR_PROGRAM").map(PathBuf::from);
    named.or_else(|| option_env!("CARGO_BIN_EXE_candor").map(PathBuf::from)).expect("the program's path")
}

/// A folder with a vault, its passphrase and its program.
pub struct World {
    pub dir: tempfile::TempDir,
}

pub const PROGRAM: &str = r#"
name = "Trial"
purposes = ["train-computer-use", "evaluate-computer-use"]
allow_import = true
applications = ["editor"]
min_people = 1
hold_back_secs = 0
[controller]
name = "Example"
contact = "privacy@example.org"
[notice]
file = "notice.txt"
version = 1
language = "en"
"#;

impl World {
    /// A vault that was made but does not serve yet; `config` is its `vault.toml`.
    pub fn new(config: &str) -> Self {
        Self::with_program(config, PROGRAM)
    }

    /// The same for another program than [`PROGRAM`].
    pub fn with_program(config: &str, program: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = Self { dir };
        std::fs::write(world.path("program.toml"), program).unwrap();
        std::fs::write(world.path("notice.txt"), "We record keys as shapes, and the pointer.").unwrap();
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(world.path("pass")).unwrap();
        std::io::Write::write_all(&mut file, b"correct horse battery staple").unwrap();
        std::fs::DirBuilder::new().mode(0o700).create(world.path("vault")).unwrap();
        std::fs::write(world.path("vault/vault.toml"), config).unwrap();
        let program = world.path("program.toml");
        ok(world.candor(&["vault", "init", "--program", program.to_str().unwrap()], "vault"));
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs `candor WORDS --dir DIR`.
    pub fn candor(&self, words: &[&str], dir: &str) -> Output {
        self.command(words, dir).output().unwrap()
    }

    pub fn command(&self, words: &[&str], dir: &str) -> Command {
        let mut command = Command::new(program());
        command.args(words).arg("--dir").arg(self.path(dir)).env("CANDOR_PASSPHRASE_FILE", self.path("pass"));
        command.env_remove("CANDOR_DIR");
        command
    }

    /// Serves on a free port.
    pub fn serve(&self) -> Serving {
        self.serve_on("127.0.0.1:0")
    }

    pub fn serve_on(&self, listen: &str) -> Serving {
        let mut command = self.command(&["serve", "--listen", listen], "vault");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        if url.is_empty() {
            let output = child.wait_with_output().unwrap();
            panic!("the vault did not start: {}", String::from_utf8_lossy(&output.stderr));
        }
        Serving { child, url: url.trim().to_owned() }
    }

    /// An invitation for a role.
    pub fn invite(&self, role: &str) -> String {
        ok(self.candor(&["vault", "invite", "--role", role], "vault")).trim().to_owned()
    }

    /// Invites and enrols into the folder `dir`.
    pub fn enrol(&self, role: &str, dir: &str) -> Value {
        let invitation = self.invite(role);
        json(self.candor(&["enrol", &invitation, "--json"], dir))
    }
}

/// A vault process; it ends with the test.
pub struct Serving {
    pub child: Child,
    pub url: String,
}

impl Serving {
    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Standard output of a run that must have succeeded.
#[track_caller]
pub fn ok(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The JSON object on the last line of a run that must have succeeded.
#[track_caller]
pub fn json(output: Output) -> Value {
    let text = ok(output);
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Standard error of a run that must have ended with `code`.
#[track_caller]
pub fn fails(output: Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stdout));
    text
}

/// Whether any file under `dir` holds `needle`.
pub fn holds(dir: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => holds(&path, needle),
        false => std::fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle),
    })
}
