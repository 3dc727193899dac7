package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.control.JobsFailure;
import io.millwright.collector.control.JobsState;
import io.millwright.collector.control.Submitted;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.grants.Grants;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.jobs.Sequel;
import io.millwright.collector.operations.PlainText;
import io.millwright.collector.page.JobPage;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.views.UnclaimedView;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Jobs: submitting, looking, cancelling, what they printed, and why here and not there.
 *
 * <p>Where the site has grants, they say as which users and on which projects the holder of a token
 * may submit jobs, whatever his role. Without them an operator submits jobs as the user whose name
 * his token has, and an admin as anybody. The node's policy has the last word.
 */
public final class JobRoutes {
  private static final String TEXT = "text/plain; charset=utf-8";

  private static final String SUBMIT = "job.submit";
  private static final String CANCEL = "job.cancel";

  private static final int MOST_LISTED = 1000;

  private final Control control;
  private final Supplier<Optional<Grants>> grants;
  private final JobPage page;

  /** Of a site without grants. */
  public JobRoutes(Control control) {
    this(control, Optional::empty);
  }

  /**
   * @param grants who may run jobs as whom; without them a token's role and name say it
   */
  public JobRoutes(Control control, Supplier<Optional<Grants>> grants) {
    this.control = control;
    this.grants = grants;
    this.page = new JobPage(control::shares);
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/jobs", Role.OPERATOR, this::submit),
        Route.get("/v1/jobs", Role.VIEWER, request -> list()),
        Route.get("/v1/jobs/{job}", Role.VIEWER, this::job),
        Route.post("/v1/jobs/{job}/cancel", Role.OPERATOR, this::cancel),
        Route.ask("/v1/jobs/{job}/logs", Role.OPERATOR, this::logs),
        Route.get("/v1/unclaimed", Role.OPERATOR, request -> unclaimed()),
        Route.post("/v1/nodes/{node}/unclaimed/end", Role.ADMIN, this::endUnclaimed),
        Route.post("/v1/placements/explain", Role.OPERATOR, this::explain),
        Route.get("/metrics/jobs", Role.VIEWER, this::metrics));
  }

  // ---- looking

  private Answer list() {
    JobsState jobs = control.jobs();
    return Answer.json(
        jobs.runs().stream()
            .sorted(Comparator.comparingLong(Run::ticket).reversed())
            .limit(MOST_LISTED)
            .map(run -> JobViews.listed(run, jobs))
            .toList());
  }

  private Answer metrics(Request request) {
    TextFormat format = PageRoutes.format(request);
    return Answer.page(request, format, page.text(format));
  }

  private Answer job(Request request) {
    return run(request).map(run -> shown(200, run)).orElseGet(() -> unknown(request));
  }

  private Answer shown(int status, Run run) {
    return Answer.json(status, JobViews.of(run, control.jobs()));
  }

  /** The run that the request means: the newest, or the one it names. */
  private Optional<Run> run(Request request) {
    OptionalInt number = number(request);
    String job = new RunId(request.part("job"), 1).job();
    return number.isPresent()
        ? control.jobs().run(new RunId(job, number.getAsInt()))
        : control.jobs().latest(job);
  }

  private static OptionalInt number(Request request) {
    Optional<String> given = request.query("run");
    if (given.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!given.get().matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException(
          "run: '%s' is refused; allowed is a number from 1".formatted(printable(given.get())));
    }
    return OptionalInt.of(Integer.parseInt(given.get()));
  }

  private static String printable(String given) {
    String cut = given.length() > 60 ? given.substring(0, 60) + "…" : given;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  private static Answer unknown(Request request) {
    return Answer.problem(
        404,
        "No job '%s'%s was submitted; /v1/jobs lists those that were."
            .formatted(
                request.part("job"),
                request.query("run").map(run -> " with run " + run).orElse("")));
  }

  // ---- changing

  private CompletionStage<Answer> submit(Request request) {
    JobSpec spec;
    OptionalInt run;
    try {
      spec = spec(request);
      run = number(request);
    } catch (IllegalArgumentException mistake) {
      noted(request, SUBMIT, "", String.valueOf(mistake.getMessage()));
      throw mistake;
    }
    Optional<String> foreign = foreign(request.caller(), spec);
    if (foreign.isPresent()) {
      return refused(request, SUBMIT, spec.name(), 403, foreign.get());
    }
    String by = request.caller().name();
    return answered(
        (desk, fleet) -> {
          Submitted submitted = desk.submit(fleet, spec, run, by);
          refusal(submitted).ifPresent(why -> desk.refused(by, SUBMIT, spec.name(), why));
          return submitted;
        },
        this::submitted);
  }

  private static Optional<String> refusal(Submitted submitted) {
    return switch (submitted) {
      case Submitted.Queued queued -> Optional.empty();
      case Submitted.Known known -> Optional.empty();
      case Submitted.Conflicting(String sentence) -> Optional.of(sentence);
      case Submitted.Impossible(String sentence) -> Optional.of(sentence);
    };
  }

  /** Answers with a sentence, which goes into the audit log too. */
  private CompletionStage<Answer> refused(
      Request request, String what, String subject, int status, String sentence) {
    noted(request, what, subject, sentence);
    return done(Answer.problem(status, sentence));
  }

  /** Nobody waits for it: the caller has his answer, whatever becomes of the entry. */
  private void noted(Request request, String what, String subject, String sentence) {
    var _ =
        control.ask((desk, fleet) -> {
          desk.refused(request.caller().name(), what, subject, sentence);
          return true;
        });
  }

  private JobSpec spec(Request request) {
    String caller = request.caller().name();
    return JobJson.submitted(
        request.body(), grants.get().map(known -> known.userOf(caller)).orElse(caller));
  }

  /** Whether the caller may run as this user, where grants say it; else as his token says. */
  private boolean mayAnswerFor(Caller caller, String user) {
    return grants
        .get()
        .map(known -> caller.role().mayWhat(Role.ADMIN) || known.mayRunAs(caller.name(), user))
        .orElseGet(() -> caller.mayAnswerFor(user));
  }

  private Optional<String> foreign(Caller caller, JobSpec spec) {
    Optional<Grants> known = grants.get();
    if (known.isPresent()) {
      return known.get().refusal(caller.name(), spec.user(), spec.project());
    }
    return caller.mayAnswerFor(spec.user())
        ? Optional.empty()
        : Optional.of(
            "user: '%s' is refused; an operator's jobs run as the user of his token's name, %s; an admin may name another."
                .formatted(spec.user(), caller.name()));
  }

  private Answer submitted(Submitted submitted) {
    return switch (submitted) {
      case Submitted.Queued(Run run) -> shown(201, run);
      case Submitted.Known(Run run) -> shown(200, run);
      case Submitted.Conflicting(String sentence) -> Answer.problem(409, sentence);
      case Submitted.Impossible(String sentence) -> Answer.problem(422, sentence);
    };
  }

  private CompletionStage<Answer> cancel(Request request) {
    Optional<Run> meant = run(request);
    if (meant.isEmpty()) {
      return done(unknown(request));
    }
    Caller caller = request.caller();
    RunId id = meant.get().id();
    if (!mayAnswerFor(caller, meant.get().spec().user())) {
      return refused(
          request,
          CANCEL,
          id.text(),
          403,
          "%s is for its user %s and for admins to cancel."
              .formatted(id.text(), meant.get().spec().user()));
    }
    if (meant.get().sequel().orElse(null) instanceof Sequel.Next(RunId next)) {
      return refused(
          request,
          CANCEL,
          id.text(),
          409,
          "%s has ended; %s is in its place, so cancel that one".formatted(id.text(), next.text()));
    }
    String by = caller.name();
    return answered(
        (desk, fleet) -> desk.cancel(id, by),
        run -> run.map(r -> shown(202, r)).orElseGet(() -> unknown(request)));
  }

  private Answer unclaimed() {
    return Answer.json(
        control.jobs().unclaimed().stream()
            .map(one ->
                new UnclaimedView(one.node(), one.run().job(), one.run().run(), one.devices()))
            .toList());
  }

  /** Nobody knows whose it is, so that it is for admins. */
  private CompletionStage<Answer> endUnclaimed(Request request) {
    Fields fields =
        Fields.of(
            "",
            io.millwright.protocol.bodies.Json.read("the request", request.body()),
            List.of("job", "run", "reason"));
    RunId run = new RunId(fields.text("job"), fields.wholeInt("run"));
    String reason = fields.text("reason");
    PlainText.require("reason", reason);
    String node = request.part("node");
    String by = request.caller().name();
    return answered(
        (desk, fleet) -> desk.endUnclaimed(node, run, by, reason),
        refused ->
            refused.map(why -> Answer.problem(404, why + ".")).orElseGet(this::unclaimedAnswer));
  }

  private Answer unclaimedAnswer() {
    Answer listed = unclaimed();
    return new Answer(202, listed.contentType(), listed.body());
  }

  private CompletionStage<Answer> explain(Request request) {
    JobSpec spec = spec(request);
    return answered(
        (desk, fleet) -> desk.explain(fleet, spec),
        placement -> Answer.json(JobViews.of(placement)));
  }

  private <T> CompletionStage<Answer> answered(
      BiFunction<JobDesk, FleetState, T> question, Function<T, Answer> answer) {
    return control.ask(question).thenApply(answer).exceptionally(JobRoutes::failed);
  }

  private static Answer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof JobsFailure) {
      return Answer.problem(503, String.valueOf(cause.getMessage()));
    }
    if (cause instanceof IllegalArgumentException) {
      return Answer.problem(400, String.valueOf(cause.getMessage()));
    }
    throw new CompletionException(failure);
  }

  // ---- output

  private CompletionStage<Answer> logs(Request request) {
    Optional<Run> run = run(request);
    if (run.isEmpty()) {
      return done(unknown(request));
    }
    Caller caller = request.caller();
    if (!mayAnswerFor(caller, run.get().spec().user())) {
      return done(
          Answer.problem(
              403,
              "What %s printed is for its user %s and for admins."
                  .formatted(run.get().id().text(), run.get().spec().user())));
    }
    long offset = offset(request);
    Optional<String> node = node(request, run.get());
    if (node.isEmpty()) {
      return done(
          run.get().members().isEmpty()
              ? output(
                  new Frame.Output(1, offset, run.get().ended().isPresent(), "", Payload.EMPTY))
              : Answer.problem(
                  404,
                  "%s has no share on node '%s'; it has one on %s."
                      .formatted(
                          run.get().id().text(),
                          printable(request.query("node").orElse("")),
                          run.get().members().stream().map(Member::node).toList())));
    }
    CompletableFuture<Frame.Output> output = new CompletableFuture<>();
    return control
        .ask((desk, fleet) -> {
          desk.output(node.get(), run.get().id(), offset, Frame.ReadOutput.LARGEST, output);
          return true;
        })
        .thenCompose(asked -> output)
        .thenApply(JobRoutes::output)
        .exceptionally(JobRoutes::failed);
  }

  private static long offset(Request request) {
    String given = request.query("offset").orElse("0");
    if (!given.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "offset: '%s' is refused; allowed is a number of bytes from 0"
              .formatted(printable(given)));
    }
    return Long.parseLong(given);
  }

  private static Optional<String> node(Request request, Run run) {
    Optional<String> wanted = request.query("node");
    return run.members().stream()
        .map(Member::node)
        .filter(name -> wanted.isEmpty() || name.equals(wanted.get()))
        .findFirst();
  }

  private static Answer output(Frame.Output output) {
    if (!output.refusal().isEmpty()) {
      return Answer.problem(503, output.refusal() + ".");
    }
    return new Answer(200, TEXT, output.bytes().toByteArray())
        .with(
            Map.of(
                "millwright-offset",
                Long.toString(output.offset()),
                "millwright-next",
                Long.toString(output.offset() + output.bytes().length()),
                "millwright-ended",
                Boolean.toString(output.ended())));
  }

  private static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
