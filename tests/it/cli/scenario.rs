//! `supplier-sandbox scenario`

use std::fs;

use crate::program::{root, sandbox};

#[test]
fn a_sound_file_is_summed_up() {
    for name in ["default", "minimal", "empty"] {
        let file = format!("fixtures/scenarios/{name}.toml");
        let told = sandbox(["scenario", "check", &file]);
        assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
        let (first, second) = told.stdout.split_once('\n').unwrap();
        assert!(first.starts_with(&format!("{file}: ")), "{first}");
        assert!(second.contains(" suppliers, ") && second.contains(" orders"), "{second}");
    }
}

#[test]
fn a_seed_decides_how_many_orders_of_each_status_are_counted() {
    let count =
        |seed| sandbox(["scenario", "check", "fixtures/scenarios/default.toml", "--seed", seed]).stdout;
    assert_eq!(count("1"), count("1"));
    assert_ne!(count("1"), count("2"));
}

#[test]
fn a_broken_file_has_a_line_for_each_problem_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("broken.toml");
    let sound = fs::read_to_string(root().join("fixtures/scenarios/minimal.toml")).unwrap();
    let broken = sound
        .replace("entity_type = \"smm_service\"", "entity_type = \"service\"")
        .replace("number = 12346", "number = 12345");
    fs::write(&file, broken).unwrap();
    let file = file.to_str().unwrap();
    let told = sandbox(["scenario", "check", file]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""));
    let lines: Vec<_> = told.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", told.stderr);
    for (line, (field, remedy)) in
        lines.iter().zip([("products[3].entity_type", "smm_service"), ("fixed[1].number", "12345")])
    {
        let place = line.strip_prefix(file).and_then(|rest| rest.strip_prefix(':')).expect(line);
        let (number, _) = place.split_once(':').unwrap();
        assert!(number.parse::<usize>().is_ok_and(|number| number > 1), "{line}");
        assert!(line.contains(field) && line.contains(remedy), "{line}");
    }

    // Whoever serves it is told the same.
    let refused = sandbox(["--listen", "127.0.0.1:0", "--scenario", file]);
    assert_eq!((refused.code, refused.stdout.as_str(), refused.stderr), (Some(2), "", told.stderr));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let binary = directory.path().join("binary.toml");
    fs::write(&binary, b"title = 1\nabout = \"\xff\"\n").unwrap();
    let missing = directory.path().join("missing.toml");
    for path in [binary.as_path(), &missing, directory.path()] {
        let told = sandbox(["scenario", "check", path.to_str().unwrap()]);
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
        assert_eq!(told.stderr.lines().count(), 1, "{}", told.stderr);
        assert!(told.stderr.contains(path.to_str().unwrap()), "{}", told.stderr);
    }
}
