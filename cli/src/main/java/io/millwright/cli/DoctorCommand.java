package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.views.BundleView;
import io.millwright.protocol.views.DoctorView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * {@code doctor}: has a node check itself, fetches an evidence bundle of it, or has it run a test
 * of its site. The node's name may be left out where the fleet has one node only.
 */
@Command(
    name = "doctor",
    description = {
      "Has a node check itself in seconds, and says what to do about each finding.",
      "Needs the role operator. 'millwright-agent doctor' does the same on the node itself, without"
          + " collector and agent.",
      "Exit code 0 all is well, 10 something is to be looked at, 11 something failed, 12 a test"
          + " cannot tell."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int WARNED = 10;
  private static final int FAILED = 11;
  private static final int UNKNOWN = 12;
  private static final Duration PERIOD = Duration.ofMillis(300);

  /** A bundle tells much of a node. */
  private static final FileAttribute<?> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Surroundings around;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(names = "--node", paramLabel = "N", description = "The node's name.")
  private @Nullable String node;

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description =
          "Has the node take an evidence bundle, a ZIP, and writes it there; a file that is there"
              + " is not replaced.")
  private @Nullable Path bundle;

  @Option(
      names = "--test",
      paramLabel = "NAME",
      description =
          "Has the node run the test of this name of its evidence.tests; refused while a job has"
              + " one of its accelerators.")
  private @Nullable String test;

  @Option(
      names = "--in-service",
      description =
          "Begins the test although the node is in service and has work; the node still refuses it"
              + " beside a job, unless its configuration says beside-jobs.")
  private boolean inService;

  @Option(
      names = "--release",
      description =
          "Says that no test runs there any more of which no answer came, as after a restart of the"
              + " agent: work is placed there again at once. Look at the node first; needs --reason.")
  private boolean release;

  @Option(
      names = "--reason",
      paramLabel = "R",
      description = "Why, in one sentence; it is kept with the bundle.")
  private String reason = "";

  DoctorCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (release && (bundle != null || test != null || reason.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "--release: allowed is --reason with it, and neither --bundle nor --test");
    }
    if (bundle != null && test != null) {
      throw new ParameterException(
          spec.commandLine(), "--bundle and --test: allowed is one of them; ask twice for both");
    }
    Collector collector = connection.collector();
    String path = "/v1/nodes/" + Collector.part(name(collector));
    if (release) {
      return released(collector, path + "/evidence/release");
    }
    if (bundle != null) {
      return fetched(collector, path + "/evidence", bundle);
    }
    return test == null ? checked(collector, path) : tested(collector, path + "/evidence", test);
  }

  private String name(Collector collector) {
    if (node != null) {
      return node;
    }
    JsonNode nodes = collector.get("/v1/nodes");
    if (nodes.size() == 1) {
      return nodes.get(0).path("node").asText();
    }
    throw new ParameterException(
        spec.commandLine(),
        "--node: missing; allowed is the name of one of the %d nodes that 'millwright nodes' lists"
            .formatted(nodes.size()));
  }

  // ---- checks

  private int checked(Collector collector, String path) {
    JsonNode tree = collector.post(path + "/doctor", new byte[0], JsonNode.class);
    DoctorView found = collector.view(tree, DoctorView.class);
    view.screen().rows(Views.CHECKS, tree, () -> List.of(table(found)));
    return switch (found.worst()) {
      case "ok", "skipped" -> ExitCode.DONE;
      case "warn" -> WARNED;
      default -> FAILED;
    };
  }

  /** What to do stands beneath what was found: both are sentences, and a line has an end. */
  private static Table table(DoctorView doctor) {
    Table table = Table.titled("OUTCOME", "CHECK", "FOUND");
    for (DoctorView.Check check : doctor.checks()) {
      table.add(Cell.word(check.outcome()), Cell.plain(check.check()), Cell.plain(check.found()));
      if (!check.fix().isEmpty()) {
        table.add(Cell.plain(" "), Cell.plain(" "), Cell.plain("fix: " + check.fix()));
      }
    }
    return table;
  }

  // ---- a test

  private int released(Collector collector, String path) {
    byte[] wish = Json.object().put("reason", reason).toString().getBytes(StandardCharsets.UTF_8);
    BundleView over = collector.post(path, wish, BundleView.class);
    around.say(
        "%s: order %s is waited for no more: %s"
            .formatted(over.node(), over.order(), over.why().orElse("it is over")));
    return ExitCode.DONE;
  }

  private int tested(Collector collector, String path, String name) throws InterruptedException {
    BundleView done = awaited(collector, path, name);
    Optional<DoctorView.Test> found = done.test();
    if (found.isEmpty()) {
      around.say(done.why().orElse("the node told nothing of the test"));
      return ExitCode.FAILED;
    }
    DoctorView.Test ran = found.get();
    ran.lastLines().forEach(line -> around.out().println(Printable.text(line)));
    around.say(
        "%s: %s, %s, after %.1f s (%s, sha256 %s)"
            .formatted(
                ran.name(), ran.result(), ran.why(), ran.seconds(), ran.program(), ran.sha256()));
    return switch (ran.result()) {
      case "pass" -> ExitCode.DONE;
      case "fail" -> FAILED;
      default -> UNKNOWN;
    };
  }

  /** Asks once, then looks until it is answered. */
  private BundleView awaited(Collector collector, String path, String name)
      throws InterruptedException {
    BundleView begun = collector.post(path, wish(name), BundleView.class);
    Patience patience = new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY));
    while (true) {
      Optional<BundleView> now =
          patience.ask(() -> Optional.of(found(collector, path, begun.order())));
      if (now.isPresent() && !now.get().state().equals("asked")) {
        return now.get();
      }
      patience.pause();
    }
  }

  private static BundleView found(Collector collector, String path, String order) {
    for (JsonNode one : collector.get(path)) {
      if (one.path("order").asText().equals(order)) {
        return collector.view(one, BundleView.class);
      }
    }
    throw new CollectorException(
        Kind.NOT_FOUND, "the collector knows nothing of the order any more; ask again");
  }

  private byte[] wish(String name) {
    ObjectNode tree = Json.object();
    if (!reason.isEmpty()) {
      tree.put("reason", reason);
    }
    if (!name.isEmpty()) {
      tree.put("test", name);
      if (inService) {
        tree.put("in_service", true);
      }
    }
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }

  // ---- a bundle

  /** It has its name when all of it is there and right; whatever comes between leaves none. */
  private int fetched(Collector collector, String path, Path file)
      throws InterruptedException, IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw there(file);
    }
    Path part = Path.of(file + ".part");
    Files.deleteIfExists(part); // of one that was cut off
    try {
      Files.createFile(part, OWN);
      BundleView taken = awaited(collector, path, "");
      if (taken.id().isEmpty()) {
        around.say(taken.why().orElse("the node took no bundle"));
        return ExitCode.FAILED;
      }
      String sha256;
      try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.WRITE)) {
        sha256 = copied(collector, path + "/" + Collector.part(taken.id().get()), out);
      }
      return compared(taken, sha256, part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static SetUpException there(Path file) {
    return new SetUpException(
        "--bundle: '%s' is refused, as it is there already; name a file that is not"
            .formatted(file));
  }

  private String copied(Collector collector, String path, OutputStream out)
      throws InterruptedException, IOException {
    MessageDigest digest = sha256();
    Patience patience = new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY));
    for (long offset = 0; ; ) {
      String asked = path + "?offset=" + offset;
      Collector.Output piece = patience.ask(() -> collector.output(asked));
      out.write(piece.bytes());
      digest.update(piece.bytes());
      offset = piece.next();
      if (piece.ended()) {
        return HexFormat.of().formatHex(digest.digest());
      }
    }
  }

  private int compared(BundleView taken, String sha256, Path part, Path file) throws IOException {
    if (!taken.sha256().equals(Optional.of(sha256))) {
      around.say("%s is not what the node took: its SHA-256 differs; ask again".formatted(file));
      return ExitCode.FAILED;
    }
    try {
      Files.move(part, file);
    } catch (FileAlreadyExistsException meanwhile) {
      throw there(file);
    }
    around.say(
        "bundle %s of %s: %d bytes, %d parts, sha256 %s"
            .formatted(file, taken.node(), taken.bytes(), taken.parts().size(), sha256));
    taken
        .missing()
        .forEach(gap ->
            around.say(
                "missing %s: %s".formatted(Printable.text(gap.name()), Printable.text(gap.why()))));
    return ExitCode.DONE;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
