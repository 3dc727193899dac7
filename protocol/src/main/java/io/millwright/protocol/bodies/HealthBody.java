package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;

/** A {@link HealthReport} as JSON; the body of HEALTH. */
public final class HealthBody {
  private static final String VERDICTS = "ok, degraded, failed or unknown";

  private HealthBody() {}

  /**
   * The report of this text; fields that a newer agent may send are ignored.
   *
   * @throws JsonMistake for what is no such body
   */
  public static HealthReport of(byte[] text) {
    Fields fields = Fields.open("", Json.read("the health report", text));
    return new HealthReport(
        fields.whole("at_ms"),
        fields.openObjects("judgements").stream().map(HealthBody::judgement).toList());
  }

  private static Judgement judgement(Fields fields) {
    return new Judgement(
        subject(fields),
        fields.word("verdict", Verdict::ofWord, VERDICTS),
        fields.openObjects("evidence").stream().map(HealthBody::evidence).toList());
  }

  private static Subject subject(Fields fields) {
    return fields.has("uuid")
        ? new Subject.Device(fields.plainText("accelerator"), fields.plainText("uuid"))
        : new Subject.Node();
  }

  private static Evidence evidence(Fields fields) {
    return new Evidence(
        fields.plainText("rule"),
        fields.wholeInt("version"),
        fields.word("verdict", Verdict::ofWord, VERDICTS),
        fields.word("advice", Advice::ofWord, "an advice of docs/health-rules.md"),
        fields.word("scope", Scope::ofWord, "device, tray, node or domain"),
        fields.plainText("observed"),
        fields.whole("since_ms"),
        fields.plainText("clears"),
        fields.has("job") ? Optional.of(fields.plainText("job")) : Optional.empty(),
        fields.has("observe_only") && fields.flag("observe_only"));
  }

  /** The whole report. */
  public static byte[] json(HealthReport report) {
    return Json.bytes(tree(report));
  }

  /**
   * The report in at most so many bytes. What does not fit is left out by whole evidence, the
   * mildest of all first; then by whole judgements, the best first. The verdicts that stay are as
   * they were.
   *
   * @param most bytes, enough for one judgement
   */
  public static byte[] json(HealthReport report, int most) {
    byte[] whole = json(report);
    return whole.length <= most ? whole : Shortened.of(report, most);
  }

  private static ObjectNode tree(HealthReport report) {
    ObjectNode tree = Json.object().put("at_ms", report.atMs());
    ArrayNode judgements = tree.putArray("judgements");
    report.judgements().forEach(judgement -> judgements.add(tree(judgement)));
    return tree;
  }

  /** The bytes of one judgement without its evidence, and a comma. */
  static int bytes(Judgement judgement) {
    return Json.bytes(tree(new Judgement(judgement.subject(), judgement.verdict(), List.of())))
            .length
        + 1;
  }

  /** The bytes of one piece of evidence, and a comma. */
  static int bytes(Evidence evidence) {
    return Json.bytes(tree(evidence)).length + 1;
  }

  private static ObjectNode tree(Judgement judgement) {
    ObjectNode tree = Json.object();
    switch (judgement.subject()) {
      case Subject.Node() -> {}
      case Subject.Device(String index, String uuid) ->
          tree.put("accelerator", index).put("uuid", uuid);
    }
    tree.put("verdict", judgement.verdict().word());
    ArrayNode evidence = tree.putArray("evidence");
    judgement.evidence().forEach(one -> evidence.add(tree(one)));
    return tree;
  }

  private static ObjectNode tree(Evidence evidence) {
    ObjectNode tree =
        Json.object()
            .put("rule", evidence.rule())
            .put("version", evidence.version())
            .put("verdict", evidence.verdict().word())
            .put("advice", evidence.advice().word())
            .put("scope", evidence.scope().word())
            .put("observed", evidence.observed())
            .put("since_ms", evidence.sinceMs())
            .put("clears", evidence.clears());
    evidence.job().ifPresent(job -> tree.put("job", job));
    return evidence.observeOnly() ? tree.put("observe_only", true) : tree;
  }
}
