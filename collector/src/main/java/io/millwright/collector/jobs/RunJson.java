package io.millwright.collector.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parts of a run as the store has them. */
final class RunJson {
  private static final List<String> HEADER = List.of("term", "sequence");
  private static final List<String> GRANT =
      List.of("term", "generation", "shares", "rendezvous", "go", "channel");
  private static final List<String> SHARE = List.of("node", "devices");
  private static final List<String> RUN =
      List.of(
          "ticket", "submitted_ms", "stop", "started_ms", "failure", "ended_ms", "retry", "sequel");
  private static final List<String> RETRY =
      List.of("job", "run", "number", "not_before_ms", "avoided", "failed_on");
  private static final List<String> AVOIDED = List.of("node", "devices", "until_ms");
  private static final List<String> SEQUEL = List.of("job", "run", "none");
  private static final List<String> STOP = List.of("generation", "why", "by");
  private static final List<String> MEMBER =
      List.of("state", "outcome", "usage", "detail", "declared", "checks");
  private static final List<String> NUMBER = List.of("value");

  private RunJson() {}

  /** The first page of the book. */
  record Header(Term term, long sequence) {}

  /** What of a run changes while it lives. */
  record Course(
      long ticket,
      Instant submitted,
      Optional<StopOrder> stop,
      Optional<Instant> started,
      Optional<Outcome> failure,
      Optional<Instant> ended,
      Optional<Retry> retry,
      Optional<Sequel> sequel) {
    static Course of(Run run) {
      return new Course(
          run.ticket(),
          run.submitted(),
          run.stop(),
          run.started(),
          run.failure(),
          run.ended(),
          run.retry(),
          run.sequel());
    }
  }

  private static JsonNode read(String what, String text) {
    return Json.read(what, text.getBytes(StandardCharsets.UTF_8));
  }

  static String of(Header header) {
    ObjectNode tree = Json.object();
    tree.set("term", JobJson.tree(header.term()));
    return Json.text(tree.put("sequence", header.sequence()));
  }

  static Header header(String text) {
    Fields fields = Fields.of("", read("the header", text), HEADER);
    return new Header(JobJson.term(fields, "term"), fields.whole("sequence"));
  }

  static String of(Grant grant, List<Member> members) {
    ObjectNode tree = Json.object();
    tree.set("term", JobJson.tree(grant.term()));
    ArrayNode shares = tree.put("generation", grant.generation()).putArray("shares");
    members.forEach(member ->
        shares
            .addObject()
            .put("node", member.node())
            .set("devices", JobJson.tree(member.devices())));
    grant.rendezvous().ifPresent(meeting -> tree.set("rendezvous", JobJson.tree(meeting)));
    if (grant.go().awaited()) { // else nothing: collectors before this word read it too
      tree.put("go", grant.go().word());
    }
    grant.channel().ifPresent(channel -> tree.put("channel", channel.number()));
    return Json.text(tree);
  }

  static Grant grant(String text) {
    Fields fields = Fields.of("", read("the grant", text), GRANT);
    return new Grant(
        JobJson.term(fields, "term"),
        fields.whole("generation"),
        fields.has("rendezvous")
            ? Optional.of(JobJson.rendezvous(fields, "rendezvous"))
            : Optional.empty(),
        fields.has("go")
            ? fields.word("go", Grant.Go::ofWord, "awaited or adopted")
            : Grant.Go.NOT_NEEDED,
        JobJson.channel(fields));
  }

  /** The members of a grant by node, none of which has reported. */
  static Map<String, Member> members(String text) {
    Fields fields = Fields.of("", read("the grant", text), GRANT);
    Map<String, Member> members = new LinkedHashMap<>();
    for (Fields share : fields.objects("shares", SHARE)) {
      String node = share.text("node");
      members.put(node, Member.placed(node, JobJson.devices(share, "devices")));
    }
    return members;
  }

  static String of(Course course) {
    ObjectNode tree = Json.object().put("ticket", course.ticket());
    tree.put("submitted_ms", course.submitted().toEpochMilli());
    course.stop().ifPresent(stop -> tree.set("stop", tree(stop)));
    course.started().ifPresent(at -> tree.put("started_ms", at.toEpochMilli()));
    course.failure().ifPresent(failure -> tree.put("failure", failure.text()));
    course.ended().ifPresent(at -> tree.put("ended_ms", at.toEpochMilli()));
    course.retry().ifPresent(retry -> tree.set("retry", tree(retry)));
    course.sequel().ifPresent(sequel -> tree.set("sequel", tree(sequel)));
    return Json.text(tree);
  }

  private static ObjectNode tree(Retry retry) {
    ObjectNode tree =
        Json.object()
            .put("job", retry.after().job())
            .put("run", retry.after().run())
            .put("number", retry.number())
            .put("not_before_ms", retry.notBefore().toEpochMilli());
    ArrayNode avoided = tree.putArray("avoided");
    for (Retry.Avoided one : retry.avoided()) {
      ObjectNode place = avoided.addObject().put("node", one.node());
      ArrayNode devices = place.putArray("devices");
      one.devices().forEach(devices::add);
      place.put("until_ms", one.until().toEpochMilli());
    }
    ArrayNode failedOn = tree.putArray("failed_on");
    retry.failedOn().forEach(failedOn::add);
    return tree;
  }

  private static Retry retry(Fields fields) {
    return new Retry(
        new RunId(fields.text("job"), fields.wholeInt("run")),
        fields.wholeInt("number"),
        Instant.ofEpochMilli(fields.whole("not_before_ms")),
        fields.objects("avoided", AVOIDED).stream()
            .map(one ->
                new Retry.Avoided(
                    one.text("node"),
                    one.texts("devices"),
                    Instant.ofEpochMilli(one.whole("until_ms"))))
            .toList(),
        fields.texts("failed_on"));
  }

  private static ObjectNode tree(Sequel sequel) {
    return switch (sequel) {
      case Sequel.Next(RunId run) -> Json.object().put("job", run.job()).put("run", run.run());
      case Sequel.None(String why) -> Json.object().put("none", why);
    };
  }

  private static Sequel sequel(Fields fields) {
    return fields.has("none")
        ? new Sequel.None(fields.text("none"))
        : new Sequel.Next(new RunId(fields.text("job"), fields.wholeInt("run")));
  }

  private static ObjectNode tree(StopOrder stop) {
    return Json.object()
        .put("generation", stop.generation())
        .put("why", stop.why().word())
        .put("by", stop.by());
  }

  static Course course(String text) {
    Fields fields = Fields.of("", read("the run", text), RUN);
    return new Course(
        fields.whole("ticket"),
        Instant.ofEpochMilli(fields.whole("submitted_ms")),
        fields.has("stop") ? Optional.of(stop(fields.object("stop", STOP))) : Optional.empty(),
        instant(fields, "started_ms"),
        fields.has("failure") ? Optional.of(JobJson.outcome(fields, "failure")) : Optional.empty(),
        instant(fields, "ended_ms"),
        fields.has("retry") ? Optional.of(retry(fields.object("retry", RETRY))) : Optional.empty(),
        fields.has("sequel")
            ? Optional.of(sequel(fields.object("sequel", SEQUEL)))
            : Optional.empty());
  }

  private static StopOrder stop(Fields fields) {
    return new StopOrder(
        fields.whole("generation"),
        fields.word("why", RunJson::kind, "a kind of outcome"),
        fields.text("by"));
  }

  private static Optional<Outcome.Kind> kind(String word) {
    return Arrays.stream(Outcome.Kind.values()).filter(k -> k.word().equals(word)).findFirst();
  }

  private static Optional<Instant> instant(Fields fields, String name) {
    return fields.has(name)
        ? Optional.of(Instant.ofEpochMilli(fields.whole(name)))
        : Optional.empty();
  }

  static String of(Member member) {
    ObjectNode tree = Json.object().put("state", member.state().word());
    member.outcome().ifPresent(outcome -> tree.put("outcome", outcome.text()));
    tree.set("usage", JobJson.tree(member.usage()));
    if (!member.detail().isEmpty()) {
      tree.put("detail", member.detail());
    }
    member.declared().ifPresent(generation -> tree.put("declared", generation));
    if (!member.checks().isEmpty()) {
      tree.set("checks", JobJson.tree(member.checks()));
    }
    return Json.text(tree);
  }

  /** The member of the grant as it stands since. */
  static Member member(Member placed, String text) {
    Fields fields = Fields.of("", read("the member", text), MEMBER);
    return new Member(
        placed.node(),
        placed.devices(),
        fields.word("state", JobState::ofWord, "a state of a run"),
        fields.has("outcome") ? Optional.of(JobJson.outcome(fields, "outcome")) : Optional.empty(),
        JobJson.usage(fields, "usage"),
        fields.optionalText("detail").orElse(""),
        fields.optionalLong("declared"),
        JobJson.checkResults(fields, "checks"));
  }

  static String of(long number) {
    return Json.text(Json.object().put("value", number));
  }

  static long number(String text) {
    return Fields.of("", read("the number", text), NUMBER).whole("value");
  }
}
