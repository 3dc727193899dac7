package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What one check of the doctor found.
 *
 * @param check its name, as in {@code links}
 * @param found what was seen, in one sentence
 * @param fix what to do about it; empty where nothing is to be done
 */
public record DoctorCheck(String check, Outcome outcome, String found, String fix) {
  /** As many as travel in one answer. */
  public static final int MOST = 64;

  private static final List<String> FIELDS = List.of("check", "outcome", "found", "fix");
  private static final int LONGEST_NAME = 40;
  private static final int LONGEST_TEXT = 270; // with which MOST of them fit into a frame

  /** How it came out, the better first. */
  public enum Outcome {
    OK,
    /** It could not be looked at here, which is said. */
    SKIPPED,
    WARN,
    FAIL;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Outcome> ofWord(String word) {
      return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }
  }

  public DoctorCheck {
    check = Lines.one(check, LONGEST_NAME);
    found = Lines.one(found, LONGEST_TEXT);
    fix = Lines.one(fix, LONGEST_TEXT);
  }

  public static DoctorCheck ok(String check, String found) {
    return new DoctorCheck(check, Outcome.OK, found, "");
  }

  public static DoctorCheck skipped(String check, String found, String fix) {
    return new DoctorCheck(check, Outcome.SKIPPED, found, fix);
  }

  public static DoctorCheck warn(String check, String found, String fix) {
    return new DoctorCheck(check, Outcome.WARN, found, fix);
  }

  public static DoctorCheck fail(String check, String found, String fix) {
    return new DoctorCheck(check, Outcome.FAIL, found, fix);
  }

  /** The worst of them; {@link Outcome#OK} of none. */
  public static Outcome worst(List<DoctorCheck> checks) {
    return checks.stream()
        .map(DoctorCheck::outcome)
        .reduce(Outcome.OK, (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  static DoctorCheck of(String path, JsonNode tree) {
    return of(Fields.of(path, tree, FIELDS));
  }

  static DoctorCheck of(Fields fields) {
    return new DoctorCheck(
        fields.plainText("check"),
        fields.word("outcome", Outcome::ofWord, "ok, skipped, warn or fail"),
        fields.plainText("found"),
        fields.plainText("fix"));
  }

  static List<DoctorCheck> list(Fields fields, String name) {
    return fields.objects(name, FIELDS).stream().map(DoctorCheck::of).toList();
  }

  ObjectNode tree() {
    return Json.object()
        .put("check", check)
        .put("outcome", outcome.word())
        .put("found", found)
        .put("fix", fix);
  }
}
