package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditEntry;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobAudit;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReadings;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.grants.Grants;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.recovery.Recovering;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs over a real store, a real writer and real HTTP; the node is played by this test. */
@SuppressWarnings("NullAway.Init") // set before each test
class JobRoutesTest {
  private static final String VIEWER = "viewer-token-viewer-token";
  private static final String OPERATOR = "operator-token-operator-token";
  private static final String ADMIN = "admin-token-admin-token-admin";
  private static final String LEAST = "\"name\":\"a\",\"argv\":[\"/bin/true\"]";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final UUID JOURNAL = UUID.randomUUID();

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Clock clock = Clock.system();
  private final Map<Integer, Verdict> verdicts = new HashMap<>();
  private final Set<Integer> divided = new HashSet<>();
  private Findings findings = Findings.NONE;
  private String vendor = "nvidia";
  private String model = "B200";
  private final ConcurrentLinkedQueue<Frame> sent = new ConcurrentLinkedQueue<>();
  private SqliteStore store;
  private AuditLog audit;
  private JobAudit jobAudit;
  private volatile Optional<Grants> grants = Optional.empty();
  private Control control;
  private RestServer server;

  @BeforeEach
  void start() throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(
        tokens,
        "viewer ann %s\noperator bob %s\nadmin root %s\n".formatted(VIEWER, OPERATOR, ADMIN));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    store = SqliteStore.open(directory.resolve("store.db"));
    audit = AuditLog.open(store, clock);
    jobAudit = new JobAudit(audit, clock);
    control =
        new Control(
            new JobDesk(
                JobBook.open(store, clock),
                Operating.NONE,
                Accepting.NONE,
                Recovering.NONE,
                jobAudit,
                0,
                clock),
            clock);
    List<Route> routes = new ArrayList<>(new JobRoutes(control, () -> grants).routes());
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            routes,
            Tokens.read(tokens),
            Set.of());
    server.start();
    control.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
    control.stop(Duration.ofSeconds(5));
    store.close();
    http.close();
  }

  private HttpResponse<String> send(String method, String path, String token, String body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .timeout(Duration.ofSeconds(10))
            .header("authorization", "Bearer " + token)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> submit(String body) throws Exception {
    return send("POST", "/v1/jobs", ADMIN, body);
  }

  private JsonNode job(String name) throws Exception {
    return JSON.readTree(send("GET", "/v1/jobs/" + name, VIEWER, "").body());
  }

  private static void problem(HttpResponse<String> answer, int status, String sentence)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).get("detail").asText()).contains(sentence);
  }

  // ---- the node

  private void connect(int devices, String... capabilities) {
    control.tell(new Fact.Connected("n1", 1, "0.1", clock.nanos(), 1));
    control.tell(
        new Told.Opened(
            "n1",
            1,
            Set.of(capabilities),
            new JournalHead(JOURNAL, 0, 0, Term.NONE, 0),
            "127.0.0.1",
            new Line() {
              @Override
              public void send(List<? extends Frame> frames) {
                sent.addAll(frames);
              }

              @Override
              public void end(String why) {
                throw new AssertionError(why);
              }
            }));
    until(() -> !control.fleet().nodes().isEmpty());
    control.tell(new Fact.Judged("n1", 1, findings));
    List<AcceleratorState> all = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      all.add(device(i));
    }
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.AGENT_PROBE_UP, "n1", "nvml"));
    SeriesTable one = table.build();
    control.tell(
        new Fact.Sampled(
            "n1",
            1,
            clock.nanos() + Duration.ofSeconds(1).toNanos(), // after the session was opened
            1,
            0,
            new Readings(one).sample(),
            Optional.empty(),
            all));
    until(() -> control.fleet().node("n1").orElseThrow().accelerators().size() == devices);
  }

  private AcceleratorState device(int index) {
    return new AcceleratorState(
        "" + index,
        "GPU-" + index,
        vendor,
        model,
        true,
        true,
        divided.contains(index),
        Optional.ofNullable(verdicts.get(index)),
        Optional.empty(),
        DeviceReadings.NONE);
  }

  /** The next desired state that was sent; answered as written. */
  private DesiredBody desired(AppliedBody.Held... held) {
    until(() -> sent.stream().anyMatch(frame -> frame instanceof Frame.Desired));
    Frame.Desired desired =
        (Frame.Desired)
            sent.stream().filter(frame -> frame instanceof Frame.Desired).findFirst().orElseThrow();
    sent.remove(desired);
    answer(desired, AppliedAnswer.WRITTEN, Optional.empty(), held);
    return DesiredBody.of(desired.part().bytes().toByteArray());
  }

  private void answer(
      Frame.Desired desired,
      AppliedAnswer answer,
      Optional<String> refusal,
      AppliedBody.Held... held) {
    AppliedBody body = new AppliedBody(refusal, List.of(), List.of(held));
    control.tell(
        new Told.Applied(
            "n1",
            1,
            new Frame.Applied(
                answer,
                desired.head().term(),
                desired.head().generation(),
                Payload.of(body.json())),
            body));
  }

  private void report(long sequence, RunId run, JobState state, Optional<Outcome> outcome) {
    control.tell(
        new Told.Reported(
            "n1", 1, JOURNAL, sequence, new StatusBody(run, state, outcome, Usage.NONE, "")));
  }

  private static void until(BooleanSupplier holds) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("never");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void eachRouteStandsInTheApiDocument() throws Exception {
    try (var in =
        JobRoutes.class.getResourceAsStream("/io/millwright/collector/web/openapi.json")) {
      JsonNode paths = JSON.readTree(in).get("paths");
      for (Route route : new JobRoutes(control).routes()) {
        String path = "/" + String.join("/", route.segments());
        assertThat(
                paths
                    .at(
                        "/"
                            + path.replace("/", "~1")
                            + "/"
                            + route.method().toLowerCase(Locale.ROOT))
                    .isObject())
            .as(route.method() + " " + path)
            .isTrue();
      }
    }
  }

  // ---- bad input

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "hello|the job: not JSON at line 1",
        "{|the job: the text ends too early",
        "[]|a list is refused; allowed is a JSON object",
        "{\"name\":\"a\"}|argv: missing; allowed is a list",
        "{#,\"gpus\":2}|gpus: no such field",
        "{#,\"priorty\":2}|priorty: no such field; did you mean 'priority'?",
        "{#,\"time_limit_ms\":\"90s\"}|time_limit_ms: '90s' is refused; allowed is a whole number",
        "{#,\"memory_bytes\":\"4G\"}|memory_bytes: '4G' is refused; allowed is a whole number",
        "{\"name\":\"a\",\"argv\":[\"true\"]}|argv: 'true' is refused; allowed is a program by its"
            + " absolute path",
        "{\"name\":\"a\",\"argv\":[\"/bin/true\",\"x\\u0007y\"]}|argv: 'x\\u0007y' is refused",
        "{\"name\":\"A b\",\"argv\":[\"/bin/true\"]}|name: 'A b' is refused",
        "{#,\"devices\":{\"count\":65}}|devices.count: '65' is refused; allowed is from 0 to 64",
        "{#,\"name\":\"b\"}|Duplicate field 'name'",
      })
  void aMistakeIsOneSentenceAndNothingIsSubmitted(String body, String sentence) throws Exception {
    problem(submit(body.replace("#", LEAST)), 400, sentence);
    assertThat(send("GET", "/v1/jobs", VIEWER, "").body()).isEqualTo("[]");
  }

  @Test
  void aBodyOfTenMegabytesIsRefusedWithASentence() throws Exception {
    problem(submit("x".repeat(10 << 20)), 413, "more than 65536 bytes are refused");
    assertThat(submit("{" + LEAST + "}").statusCode()).isEqualTo(201);
  }

  @Test
  void moreThanTheFleetHasIsRefusedAtOnce() throws Exception {
    connect(8, "jobs", "new-jobs");
    problem(
        submit("{" + LEAST + ",\"devices\":{\"count\":9}}"),
        422,
        "devices.count: '9' is refused; allowed are up to 8");
    problem(
        submit("{" + LEAST + ",\"nodes\":2,\"devices\":{\"count\":1}}"),
        422,
        "nodes: '2' is refused; allowed are up to 1");
  }

  // ---- Neuron devices

  private static String neuron(String job, String user, int devices) {
    return "{\"name\":\"%s\",\"argv\":[\"/bin/true\"],\"user\":\"%s\",\"devices\":{\"kind\":\"neuron\",\"count\":%d}}"
        .formatted(job, user, devices);
  }

  @Test
  void neuronDevicesAreGivenInRowsAndToOneUserAtATime() throws Exception {
    vendor = "aws";
    model = "Trainium2";
    connect(16, "jobs", "new-jobs");
    problem(
        submit(neuron("three", "anna", 3)),
        422,
        "devices.count: '3' is refused; allowed of a torus of 16 are 1, 4, 8, 16");
    desired();
    assertThat(submit(neuron("row", "anna", 4)).statusCode()).isEqualTo(201);
    DesiredBody granted = desired();
    assertThat(granted.assignments().getFirst().devices())
        .isEqualTo(new DeviceSet(DeviceKind.NEURON, List.of("GPU-0", "GPU-1", "GPU-2", "GPU-3")));
    assertThat(submit(neuron("own", "anna", 4)).statusCode()).isEqualTo(201);
    DesiredBody both = desired();
    assertThat(both.assignments()).extracting(one -> one.id().job()).containsExactly("own", "row");
    assertThat(submit(neuron("other", "boris", 4)).statusCode()).isEqualTo(201);
    until(() -> control.jobs().waiting().toString().contains("let to another user"));
    assertThat(submit(neuron("late", "anna", 4)).statusCode()).isEqualTo(201);
    until(() -> control.jobs().waiting().toString().contains("kept for other-r1"));
    String plain = "{\"name\":\"plain\",\"argv\":[\"/bin/true\"],\"user\":\"boris\"}";
    assertThat(submit(plain).statusCode()).isEqualTo(201);
    until(() -> control.jobs().waiting().toString().contains("plain"));
    int sequence = 1;
    for (String job : List.of("own", "row")) {
      report(
          sequence,
          new RunId(job, 1),
          JobState.ENDED,
          Optional.of(Outcome.of(Outcome.Kind.COMPLETED)));
      sequence++;
    }
    until(() -> control.jobs().run(new RunId("other", 1)).orElseThrow().state() != JobState.QUEUED);
  }

  // ---- who may what

  @Test
  void rolesHold() throws Exception {
    problem(send("POST", "/v1/jobs", VIEWER, "{" + LEAST + "}"), 403, "needs the role operator");
    problem(
        send("POST", "/v1/jobs", OPERATOR, "{" + LEAST + ",\"user\":\"root\"}"),
        403,
        "user: 'root' is refused");
    HttpResponse<String> own = send("POST", "/v1/jobs", OPERATOR, "{" + LEAST + "}");
    assertThat(own.statusCode()).isEqualTo(201);
    assertThat(JSON.readTree(own.body()).get("user").asText()).isEqualTo("bob");
    problem(send("GET", "/v1/jobs/a/logs", VIEWER, ""), 403, "needs the role operator");
    assertThat(submit("{\"name\":\"b\",\"argv\":[\"/bin/true\"],\"user\":\"anna\"}").statusCode())
        .isEqualTo(201);
    problem(send("GET", "/v1/jobs/b/logs", OPERATOR, ""), 403, "for its user anna and for admins");
    problem(send("GET", "/v1/jobs", "nobody-has-this-token-at-all", ""), 401, "Nobody has");
  }

  /** Of an admin too: who may run as whom is the site's to say, and not a role's. */
  @Test
  void grantsSayWhoRunsAsWhom() throws Exception {
    submit("{\"name\":\"his\",\"argv\":[\"/bin/true\"],\"user\":\"bob\"}");
    assertThat(send("GET", "/v1/jobs/his/logs", OPERATOR, "").statusCode())
        .as("without grants his token's name says it")
        .isEqualTo(200);
    grants =
        Optional.of(
            new Grants(Map.of("bob", new Grants.Grant(List.of("ml-bob", "ml"), List.of("llm")))));
    problem(
        submit("{%s}".formatted(LEAST)),
        403,
        "principal: 'root' is refused; the site's grants do not name it: have it entered there");
    problem(
        send("POST", "/v1/jobs", OPERATOR, "{%s,\"user\":\"bob\"}".formatted(LEAST)),
        403,
        "user: 'bob' is refused; jobs of bob run as ml-bob, ml");
    problem(
        send("POST", "/v1/jobs", OPERATOR, "{%s}".formatted(LEAST)),
        403,
        "project: '' is refused; jobs of bob are booked on llm");
    HttpResponse<String> own =
        send("POST", "/v1/jobs", OPERATOR, "{%s,\"project\":\"llm\"}".formatted(LEAST));
    assertThat(own.statusCode()).as(own.body()).isEqualTo(201);
    assertThat(JSON.readTree(own.body()).get("user").asText()).isEqualTo("ml-bob");
    assertThat(awaitEntries(4))
        .filteredOn(one -> one.what().equals("job.submit.refused"))
        .extracting(AuditDraft::reason)
        .hasSize(3)
        .anyMatch(why -> why.startsWith("principal: 'root'"));
    problem(send("GET", "/v1/jobs/his/logs", OPERATOR, ""), 403, "for its user bob and for admins");
    problem(
        send("POST", "/v1/jobs/his/cancel", OPERATOR, ""), 403, "for its user bob and for admins");
    assertThat(send("GET", "/v1/jobs/his/logs", ADMIN, "").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/v1/jobs/a/logs", OPERATOR, "").statusCode())
        .as("his run is his to read")
        .isNotEqualTo(403);
    assertThat(send("POST", "/v1/jobs/a/cancel", OPERATOR, "").statusCode())
        .as("and to cancel")
        .isEqualTo(202);
  }

  // ---- what is written down

  private List<AuditDraft> entries() {
    return control.ask((desk, fleet) -> audit.entries(0, 1000)).join().stream()
        .map(AuditEntry::draft)
        .toList();
  }

  private List<AuditDraft> awaitEntries(int count) {
    until(() -> entries().size() >= count);
    return entries();
  }

  @Test
  void whatIsDoneWithJobsIsInTheAuditLog() throws Exception {
    submit("{%s,\"user\":\"anna\",\"project\":\"llm\"}".formatted(LEAST));
    assertThat(entries())
        .as("with its answer")
        .containsExactly(
            new AuditDraft(
                "root",
                "job.submit",
                "a-r1",
                "",
                "as user anna, project llm on 1 nodes with 0 gpu accelerators each, priority 50:"
                    + " /bin/true",
                ""));
    assertThat(
            send(
                    "POST",
                    "/v1/jobs?run=1",
                    ADMIN,
                    "{%s,\"user\":\"anna\",\"project\":\"llm\"}".formatted(LEAST))
                .statusCode())
        .isEqualTo(200);
    assertThat(entries()).as("asking again is no change").hasSize(1);
    problem(send("POST", "/v1/jobs/a/cancel", OPERATOR, ""), 403, "for its user anna");
    assertThat(send("POST", "/v1/jobs/a/cancel", ADMIN, "").statusCode()).isEqualTo(202);
    assertThat(send("POST", "/v1/jobs/a/cancel", ADMIN, "").statusCode()).isEqualTo(202);
    List<AuditDraft> all = awaitEntries(3);
    assertThat(all).as("cancelled once").hasSize(3);
    assertThat(all)
        .filteredOn(one -> one.what().equals("job.cancel"))
        .containsExactly(
            new AuditDraft("root", "job.cancel", "a-r1", "queued", "to be stopped", ""));
    assertThat(all)
        .filteredOn(one -> one.what().equals("job.cancel.refused"))
        .containsExactly(
            new AuditDraft(
                "bob",
                "job.cancel.refused",
                "a-r1",
                "",
                "nothing was changed",
                "a-r1 is for its user anna and for admins to cancel."));
  }

  @Test
  void eachKindOfRefusalIsInTheAuditLog() throws Exception {
    connect(8, "jobs", "new-jobs");
    submit("{%s,\"gpus\":2}".formatted(LEAST));
    send("POST", "/v1/jobs", OPERATOR, "{%s,\"user\":\"anna\"}".formatted(LEAST));
    submit("{%s,\"devices\":{\"count\":9}}".formatted(LEAST));
    assertThat(awaitEntries(3))
        .hasSize(3)
        .allMatch(one -> one.what().equals("job.submit.refused"))
        .extracting(AuditDraft::by, AuditDraft::subject)
        .containsExactlyInAnyOrder(tuple("root", ""), tuple("bob", "a"), tuple("root", "a"));
    assertThat(entries())
        .extracting(AuditDraft::reason)
        .anyMatch(why -> why.startsWith("gpus: no such field"))
        .anyMatch(why -> why.startsWith("user: 'anna' is refused"))
        .anyMatch(why -> why.startsWith("devices.count: '9' is refused"));
  }

  /** Who is refused all the time fills no disk, and the changes of others are all there. */
  @Test
  void aFloodOfRefusalsIsBoundedAndSaid() throws Exception {
    for (int i = 0; i < 60; i++) {
      submit("{%s,\"gpus\":2}".formatted(LEAST));
    }
    send("POST", "/v1/jobs", OPERATOR, "{%s}".formatted(LEAST));
    until(() -> jobAudit.leftOut() + entries().size() >= 61);
    assertThat(entries())
        .filteredOn(one -> one.what().equals("job.submit.refused"))
        .hasSizeBetween(20, 40);
    assertThat(jobAudit.leftOut()).isBetween(20L, 40L);
    assertThat(entries()).filteredOn(one -> one.what().equals("job.submit")).hasSize(1);
  }

  /** What no entry can say keeps no other from being written, and is counted. */
  @Test
  void aRefusalThatCannotBeWrittenIsDropped() {
    String astral = "\ud83d\ude80".repeat(400);
    control
        .ask((desk, fleet) -> {
          desk.refused("root", "job.submit", "a", "before");
          desk.refused("root", "job.submit", "\ud83d", "half a character");
          desk.refused("root", "job.submit", "a", "x" + astral);
          return true;
        })
        .join();
    assertThat(awaitEntries(2))
        .extracting(AuditDraft::reason)
        .containsExactly("before", "x" + astral.substring(0, 2 * 299) + "…");
    assertThat(jobAudit.leftOut()).isEqualTo(1);
  }

  // ---- a job's life

  @Test
  void aNameInUseIsRefusedAndARetryIsNot() throws Exception {
    String body = "{" + LEAST + "}";
    assertThat(submit(body).statusCode()).isEqualTo(201);
    problem(submit(body), 409, "name: 'a' is refused, a-r1 has it and is queued");
    assertThat(send("POST", "/v1/jobs?run=1", ADMIN, body).statusCode()).isEqualTo(200);
    problem(send("POST", "/v1/jobs?run=3", ADMIN, body), 409, "run: '3' is refused");
    problem(send("POST", "/v1/jobs?run=x", ADMIN, body), 400, "run: 'x' is refused");
    problem(
        send("POST", "/v1/jobs/a/cancel", OPERATOR, ""),
        403,
        "a-r1 is for its user %s and for admins to cancel"
            .formatted(job("a").get("user").asText()));
    assertThat(send("POST", "/v1/jobs/a/cancel", ADMIN, "").statusCode()).isEqualTo(202);
    assertThat(job("a").get("outcome").asText()).isEqualTo("stopped-by-request");
    assertThat(JSON.readTree(submit(body).body()).get("id").asText()).isEqualTo("a-r2");
    problem(send("POST", "/v1/jobs/zz/cancel", OPERATOR, ""), 404, "No job 'zz'");
  }

  @Test
  void aNodeThatHasNotSaidWhatItHoldsGetsNothing() throws Exception {
    submit("{" + LEAST + ",\"devices\":{\"count\":2}}");
    connect(2, "jobs", "new-jobs");
    HttpResponse<String> why =
        send(
            "POST",
            "/v1/placements/explain",
            OPERATOR,
            "{\"name\":\"b\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}}");
    assertThat(why.body()).contains("has just come back and has not said yet what it holds");
    assertThat(desired().assignments()).isEmpty();
    DesiredBody granted = desired();
    assertThat(granted.assignments().getFirst().devices().uuids())
        .containsExactly("GPU-0", "GPU-1");
    RunId run = granted.assignments().getFirst().id();
    report(1, run, JobState.RUNNING, Optional.empty());
    until(() -> sent.contains(new Frame.StatusAck(JOURNAL, 1)));
    until(() -> control.jobs().run(run).orElseThrow().state() == JobState.RUNNING);
    assertThat(job("a").get("state").asText()).isEqualTo("running");
    report(2, run, JobState.ENDED, Optional.of(Outcome.exit(7)));
    until(() -> sent.contains(new Frame.StatusAck(JOURNAL, 2)));
    until(() -> control.jobs().run(run).orElseThrow().ended().isPresent());
    assertThat(job("a").get("outcome").asText()).isEqualTo("exit(7)");
  }

  private void judge(Judgement... judgements) {
    findings = Findings.of(1, new HealthReport(1, List.of(judgements)));
  }

  private static Judgement judgement(Subject subject, Verdict verdict, String rule) {
    return new Judgement(subject, verdict, List.of(Fleets.evidence(rule, verdict, Advice.INSPECT)));
  }

  /** As soon as the collector has taken in what the node said it holds. */
  private JsonNode explained(int devices) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    JsonNode said = explainedNow(devices);
    while (said.toString().contains("has just come back")) {
      assertThat(System.nanoTime() - deadline).as("%s", said).isNegative();
      said = explainedNow(devices);
    }
    return said;
  }

  private JsonNode explainedNow(int devices) throws Exception {
    HttpResponse<String> answer =
        send(
            "POST",
            "/v1/placements/explain",
            OPERATOR,
            "{\"name\":\"b\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":%d}}"
                .formatted(devices));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  /** Degraded is given, failed and unknown are not; a device that nobody judges is as before. */
  @Test
  void aFailedOrUnknownDeviceTakesNoJob() throws Exception {
    verdicts.putAll(
        Map.of(0, Verdict.FAILED, 1, Verdict.DEGRADED, 2, Verdict.UNKNOWN, 3, Verdict.OK));
    judge(
        judgement(new Subject.Device("0", "GPU-0"), Verdict.FAILED, "xid-79"),
        judgement(new Subject.Device("1", "GPU-1"), Verdict.DEGRADED, "remap"));
    connect(5, "jobs", "new-jobs");
    desired();
    JsonNode refused = explained(4);
    assertThat(refused.get("placed").asBoolean()).isFalse();
    assertThat(refused.get("refusals").get(0).get("reason").asText())
        .isEqualTo(
            "5 accelerators, 3 free, 4 wanted; 0 is unfit (failed: xid-79: 3 errors), 2 was not"
                + " observed");
    assertThat(explained(3).at("/shares/0/devices").toString())
        .isEqualTo("[\"GPU-1\",\"GPU-3\",\"GPU-4\"]");
    submit("{" + LEAST + ",\"devices\":{\"count\":4}}");
    until(() -> control.jobs().waiting().toString().contains("0 is unfit (failed: xid-79"));
  }

  @Test
  void aDividedDeviceTakesNoJob() throws Exception {
    divided.add(1);
    connect(3, "jobs", "new-jobs");
    desired();
    assertThat(explained(3).get("refusals").get(0).get("reason").asText())
        .isEqualTo(
            "3 accelerators, 2 free, 3 wanted; 1 is unfit (divided (MIG), or its driver does not"
                + " say: jobs get instances of it, see devices.mig)");
    assertThat(explained(2).at("/shares/0/devices").toString()).isEqualTo("[\"GPU-0\",\"GPU-2\"]");
  }

  /** What is wrong with a device is not held against the node, and a mild fault of it is none. */
  @Test
  void aNodeThatIsItselfFailedTakesNoJob() throws Exception {
    judge(judgement(new Subject.Node(), Verdict.FAILED, "disk-read-only"));
    connect(1, "jobs", "new-jobs");
    desired();
    assertThat(explained(1).get("refusals").get(0).get("reason").asText())
        .isEqualTo("the node itself is failed: disk-read-only: 3 errors");
    judge(judgement(new Subject.Node(), Verdict.UNKNOWN, "disk-slow"));
    control.tell(new Fact.Judged("n1", 1, findings));
    until(() -> control.fleet().node("n1").orElseThrow().findings().equals(findings));
    assertThat(explained(1).get("placed").asBoolean()).isTrue();
  }

  /** The book calls the devices free, and the node does not. */
  @Test
  void whatANodeStillHoldsIsNotGranted() throws Exception {
    connect(2, "jobs", "new-jobs");
    desired(new AppliedBody.Held(new RunId("old", 1), List.of("GPU-0")));
    submit("{" + LEAST + ",\"devices\":{\"count\":2}}");
    until(() -> control.jobs().waiting().toString().contains("2 accelerators, 1 free, 2 wanted"));
    report(1, new RunId("old", 1), JobState.ENDED, Optional.of(Outcome.exit(0)));
    assertThat(desired().assignments()).hasSize(1);
  }

  /** Nothing here has granted it, so that nothing ends it but a person. */
  @Test
  void aRunThatOnlyItsNodeKnowsIsShownAndEndedByAPerson() throws Exception {
    connect(2, "jobs", "new-jobs");
    RunId old = new RunId("old", 3);
    desired(new AppliedBody.Held(old, List.of("GPU-0")));
    until(() -> control.jobs().unclaimed().size() == 1);
    assertThat(send("GET", "/v1/unclaimed", OPERATOR, "").body())
        .isEqualTo("[{\"node\":\"n1\",\"job\":\"old\",\"run\":3,\"devices\":[\"GPU-0\"]}]");
    String end = "{\"job\":\"old\",\"run\":3,\"reason\":\"nobody's\"}";
    problem(send("POST", "/v1/nodes/n1/unclaimed/end", OPERATOR, end), 403, "needs the role admin");
    problem(
        send("POST", "/v1/nodes/n1/unclaimed/end", ADMIN, end.replace("3", "4")),
        404,
        "no run old-r4 is unclaimed on node n1");
    assertThat(sent).as("nothing was stopped").noneMatch(frame -> frame instanceof Frame.Desired);
    assertThat(send("POST", "/v1/nodes/n1/unclaimed/end", ADMIN, end).statusCode()).isEqualTo(202);
    DesiredBody stopping = desired(new AppliedBody.Held(old, List.of("GPU-0")));
    assertThat(stopping.stops())
        .containsExactly(new DesiredBody.Stop(old, Outcome.Kind.STOPPED_BY_REQUEST, 10_000));
    assertThat(entries())
        .containsExactly(
            new AuditDraft(
                "root",
                "run.end-unclaimed",
                "old-r3",
                "on node n1, unknown to the book",
                "to be stopped",
                "nobody's"));
    report(1, old, JobState.ENDED, Optional.of(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST)));
    until(() -> control.jobs().unclaimed().isEmpty());
    submit("{" + LEAST + ",\"devices\":{\"count\":2}}");
    DesiredBody next = desired();
    assertThat(next.stops()).as("it is said once").isEmpty();
    assertThat(next.assignments()).as("its device is free").hasSize(1);
  }

  /** What the book has granted is no such run, and neither is one that it is stopping. */
  @Test
  void aRunOfTheBookIsNotUnclaimed() throws Exception {
    connect(2, "jobs", "new-jobs");
    desired();
    submit("{" + LEAST + ",\"devices\":{\"count\":1}}");
    RunId run = new RunId("a", 1);
    desired(new AppliedBody.Held(run, List.of("GPU-0")));
    report(1, run, JobState.RUNNING, Optional.empty());
    until(() -> control.jobs().run(run).orElseThrow().state() == JobState.RUNNING);
    assertThat(control.jobs().unclaimed()).isEmpty();
    assertThat(send("POST", "/v1/jobs/a/cancel", ADMIN, "").statusCode()).isEqualTo(202);
    desired(new AppliedBody.Held(run, List.of("GPU-0")));
    report(2, run, JobState.STOPPING, Optional.empty());
    until(() -> sent.contains(new Frame.StatusAck(JOURNAL, 2)));
    assertThat(control.jobs().unclaimed()).isEmpty();
  }

  @Test
  void aNodeWithoutAPolicyIsPassedBy() throws Exception {
    connect(2, "jobs");
    desired();
    submit("{" + LEAST + ",\"devices\":{\"count\":1}}");
    until(() -> control.jobs().waiting().toString().contains("its agent takes no jobs"));
  }

  @Test
  void aNodeOfAnotherSchedulerIsPassedByWithItsMode() throws Exception {
    connect(2, "jobs", "mode-assist");
    desired();
    submit("{" + LEAST + ",\"devices\":{\"count\":1}}");
    until(() ->
        control
            .jobs()
            .waiting()
            .toString()
            .contains("its mode is assist, and no job of Millwright begins there"));
  }

  /** A full disk on the node: the job ends with that reason, and the next goes elsewhere. */
  @Test
  void aNodeThatRefusesEndsTheJobWithItsReason() throws Exception {
    connect(2, "jobs", "new-jobs");
    desired();
    submit("{" + LEAST + ",\"devices\":{\"count\":1}}");
    until(() -> sent.stream().anyMatch(frame -> frame instanceof Frame.Desired));
    Frame.Desired granted = (Frame.Desired) sent.poll();
    answer(granted, AppliedAnswer.REFUSED, Optional.of("no new job is taken: the disk is full"));
    until(() -> control.jobs().latest("a").orElseThrow().ended().isPresent());
    assertThat(job("a").get("outcome").asText())
        .isEqualTo("refused(no new job is taken: the disk is full)");
    assertThat(desired().stops())
        .extracting(DesiredBody.Stop::run)
        .containsExactly(new RunId("a", 1));
    submit("{" + LEAST + ",\"devices\":{\"count\":1}}");
    until(() -> control.jobs().waiting().toString().contains("the disk is full"));
  }

  @Test
  void outputIsAskedOfTheNode() throws Exception {
    connect(2, "jobs", "new-jobs", "output");
    desired();
    submit("{" + LEAST + ",\"devices\":{\"count\":1}}");
    desired();
    var asking = later("/v1/jobs/a/logs?offset=10");
    until(() -> sent.stream().anyMatch(frame -> frame instanceof Frame.ReadOutput));
    Frame.ReadOutput question =
        (Frame.ReadOutput)
            sent.stream().filter(f -> f instanceof Frame.ReadOutput).findFirst().orElseThrow();
    assertThat(question.offset()).isEqualTo(10);
    control.tell(
        new Told.Printed(
            "n1",
            1,
            new Frame.Output(question.number(), 12, true, "", Payload.of((byte) 0, (byte) 200))));
    HttpResponse<byte[]> answer = asking.join();
    assertThat(answer.body()).containsExactly(0, (byte) 200);
    assertThat(answer.headers().firstValue("millwright-offset")).hasValue("12");
    assertThat(answer.headers().firstValue("millwright-next")).hasValue("14");
    assertThat(answer.headers().firstValue("millwright-ended")).hasValue("true");
    problem(send("GET", "/v1/jobs/a/logs?node=n9", ADMIN, ""), 404, "has no share on node 'n9'");
    problem(send("GET", "/v1/jobs/a/logs?offset=-1", ADMIN, ""), 400, "offset: '-1' is refused");
  }

  private CompletableFuture<HttpResponse<byte[]>> later(String path) {
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .header("authorization", "Bearer " + ADMIN)
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Another journal: what was open there ends as untracked, and its devices are free again. */
  @Test
  void aNodeThatLostItsJournalHasLostItsRuns() throws Exception {
    connect(2, "jobs", "new-jobs");
    desired();
    submit("{" + LEAST + ",\"devices\":{\"count\":2}}");
    desired();
    control.tell(
        new Told.Opened(
            "n1",
            2,
            Set.of("jobs"),
            new JournalHead(UUID.randomUUID(), 0, 0, Term.NONE, 0),
            "127.0.0.1",
            new Line() {
              @Override
              public void send(List<? extends Frame> frames) {}

              @Override
              public void end(String why) {}
            }));
    until(() -> control.jobs().latest("a").orElseThrow().ended().isPresent());
    assertThat(job("a").get("outcome").asText()).isEqualTo("untracked");
  }

  @Test
  void jobsWithNamesAndUsersAreForViewersOnly() throws Exception {
    connect(1, "jobs", "new-jobs");
    desired();
    submit("{%s,\"user\":\"carl\",\"devices\":{\"count\":1}}".formatted(LEAST));
    until(() -> !control.shares().isEmpty() && !control.shares().getFirst().devices().isEmpty());
    HttpResponse<String> page = send("GET", "/metrics/jobs", VIEWER, "");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains(
            "millwright_accelerator_job_info{node=\"n1\",accelerator=\"0\",uuid=\"GPU-0\",job_id=\"a-r1\",user=\"carl\",account=\"\",partition=\"default\"}"
                + " 1")
        .contains("millwright_job_accelerators{node=\"n1\",job_id=\"a-r1\",vendor=\"nvidia\"} 1")
        .doesNotContain("millwright_job_accelerator_energy_joules_total{");
    HttpResponse<String> stranger =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.port() + "/metrics/jobs"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    problem(stranger, 401, "viewer");
  }
}
