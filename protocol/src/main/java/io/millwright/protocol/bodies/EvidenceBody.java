package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * The evidence that was wanted of a node; the body of CAPTURED.
 *
 * @param refusal why there is none, in one sentence
 * @param bundle that the node keeps now
 * @param checks of the doctor
 * @param test that was run
 */
public record EvidenceBody(
    Optional<String> refusal,
    Optional<Bundle> bundle,
    List<DoctorCheck> checks,
    Optional<TestRecord> test) {
  private static final List<String> FIELDS = List.of("refusal", "bundle", "checks", "test");
  private static final List<String> BUNDLE = List.of("bytes", "sha256", "manifest");
  private static final int LONGEST_REFUSAL = 400;

  /**
   * An archive.
   *
   * @param bytes of all of it
   * @param sha256 of all of it, in hexadecimal
   */
  public record Bundle(BundleManifest manifest, long bytes, String sha256) {}

  public EvidenceBody {
    refusal = refusal.map(why -> Lines.one(why, LONGEST_REFUSAL));
    checks = List.copyOf(checks);
    if (checks.size() > DoctorCheck.MOST) {
      throw new JsonMistake(
          "checks: %d are refused; allowed are %d at most"
              .formatted(checks.size(), DoctorCheck.MOST));
    }
  }

  /** There is none. */
  public static EvidenceBody refused(String sentence) {
    return new EvidenceBody(Optional.of(sentence), Optional.empty(), List.of(), Optional.empty());
  }

  public static EvidenceBody of(Bundle bundle) {
    return new EvidenceBody(Optional.empty(), Optional.of(bundle), List.of(), Optional.empty());
  }

  public static EvidenceBody of(List<DoctorCheck> checks) {
    return new EvidenceBody(Optional.empty(), Optional.empty(), checks, Optional.empty());
  }

  public static EvidenceBody of(TestRecord test) {
    return new EvidenceBody(Optional.empty(), Optional.empty(), List.of(), Optional.of(test));
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static EvidenceBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the evidence body", text), FIELDS);
    return new EvidenceBody(
        fields.has("refusal") ? Optional.of(fields.plainText("refusal")) : Optional.empty(),
        fields.has("bundle") ? Optional.of(bundle(fields)) : Optional.empty(),
        fields.has("checks") ? DoctorCheck.list(fields, "checks") : List.of(),
        fields.has("test") ? Optional.of(TestRecord.of(fields, "test")) : Optional.empty());
  }

  private static Bundle bundle(Fields fields) {
    Fields bundle = fields.object("bundle", BUNDLE);
    return new Bundle(
        BundleManifest.of("bundle.manifest", bundle.tree("manifest")),
        bundle.whole("bytes"),
        bundle.plainText("sha256"));
  }

  public byte[] json() {
    ObjectNode tree = Json.object();
    refusal.ifPresent(why -> tree.put("refusal", why));
    bundle.ifPresent(kept ->
        tree.putObject("bundle")
            .put("bytes", kept.bytes())
            .put("sha256", kept.sha256())
            .set("manifest", kept.manifest().tree()));
    if (!checks.isEmpty()) {
      ArrayNode list = tree.putArray("checks");
      checks.forEach(check -> list.add(check.tree()));
    }
    test.ifPresent(record -> tree.set("test", record.tree()));
    return Json.bytes(tree);
  }
}
