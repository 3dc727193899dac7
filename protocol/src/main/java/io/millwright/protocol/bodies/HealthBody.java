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

/** A {@link HealthReport} as JSON; the body of HEALTH. */
public final class HealthBody {
  private static final List<String> FIELDS = List.of("at_ms", "judgements");
  private static final List<String> JUDGEMENT =
      List.of("accelerator", "uuid", "verdict", "evidence");
  private static final List<String> EVIDENCE =
      List.of(
          "rule",
          "version",
          "verdict",
          "advice",
          "scope",
          "observed",
          "since_ms",
          "clears",
          "job",
          "observe_only");
  private static final String VERDICTS = "ok, degraded, failed or unknown";

  private HealthBody() {}

  /**
   * @throws JsonMistake for what is no such body
   */
  public static HealthReport of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the health report", text), FIELDS);
    return new HealthReport(
        fields.whole("at_ms"),
        fields.objects("judgements", JUDGEMENT).stream().map(HealthBody::judgement).toList());
  }

  private static Judgement judgement(Fields fields) {
    return new Judgement(
        subject(fields),
        fields.word("verdict", Verdict::ofWord, VERDICTS),
        fields.objects("evidence", EVIDENCE).stream().map(HealthBody::evidence).toList());
  }

  private static Subject subject(Fields fields) {
    return fields.has("uuid")
        ? new Subject.Device(fields.text("accelerator"), fields.text("uuid"))
        : new Subject.Node();
  }

  private static Evidence evidence(Fields fields) {
    return new Evidence(
        fields.text("rule"),
        fields.wholeInt("version"),
        fields.word("verdict", Verdict::ofWord, VERDICTS),
        fields.word("advice", Advice::ofWord, "an advice of docs/health-rules.md"),
        fields.word("scope", Scope::ofWord, "device, tray, node or domain"),
        fields.text("observed"),
        fields.whole("since_ms"),
        fields.text("clears"),
        fields.optionalText("job"),
        fields.has("observe_only"));
  }

  public static byte[] json(HealthReport report) {
    ObjectNode tree = Json.object().put("at_ms", report.atMs());
    ArrayNode judgements = tree.putArray("judgements");
    report.judgements().forEach(judgement -> judgements.add(tree(judgement)));
    return Json.bytes(tree);
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
