//! The files of the pages: modules, style, icon. They are inside the program, and their address
//! holds a hash over all of them, so that a browser keeps them for good and modules find each
//! other by relative paths.

use std::sync::LazyLock;

use ring::digest;
use rust_embed::RustEmbed;

/// Everything in `server/assets`.
#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// A file, ready to be sent.
pub(crate) struct File {
    pub(crate) bytes: std::borrow::Cow<'static, [u8]>,
    pub(crate) mime: String,
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut context = digest::Context::new(&digest::SHA256);
    for name in names {
        context.update(name.as_bytes());
        if let Some(file) = Files::get(&name) {
            context.update(&file.metadata.sha256_hash());
        }
    }
    data_encoding::HEXLOWER.encode(&context.finish().as_ref()[..8])
});

/// The address of a file.
pub(crate) fn address(file: &str) -> String {
    format!("/assets/{}/{file}", *VERSION)
}

/// The file of an address below `/assets/`; `None` for other versions too, so that an old page
/// never mixes with new modules.
pub(crate) fn find(version: &str, file: &str) -> Option<File> {
    if version != *VERSION {
        return None;
    }
    let found = Files::get(file)?;
    let mime = found.metadata.mimetype();
    let mime = if mime.starts_with("text/") {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    };
    Some(File {
        bytes: found.data,
        mime,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_at_its_address_and_nowhere_else() {
        let names: Vec<_> = Files::iter().collect();
        assert!(names.iter().any(|name| name == "kokoni.css"));
        for name in names {
            let address = address(&name);
            let (version, file) = address
                .strip_prefix("/assets/")
                .and_then(|rest| rest.split_once('/'))
                .expect("a version and a file");
            assert!(find(version, file).is_some(), "{name}");
            assert!(find("0000000000000000", file).is_none(), "{name}");
        }
        assert!(find(&VERSION, "../Cargo.toml").is_none());
    }

    #[test]
    fn modules_and_styles_say_what_they_are() {
        for (file, mime) in [
            ("kokoni.css", "text/css; charset=utf-8"),
            ("sign-in.js", "text/javascript; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
        ] {
            assert_eq!(
                find(&VERSION, file).map(|file| file.mime).as_deref(),
                Some(mime)
            );
        }
    }
}
