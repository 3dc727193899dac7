package io.millwright.collector;

import io.millwright.collector.audit.AuditChain;
import io.millwright.collector.audit.AuditHead;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.audit.KeptHead;
import io.millwright.collector.audit.Testimony;
import io.millwright.collector.audit.Verdict;
import io.millwright.collector.store.StoreCopy;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.StoreReading;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.JsonMistake;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code collector verify-audit}. Exit codes: 0 whole, 1 changed, 64 usage, 78 no store. */
@Command(
    name = "verify-audit",
    description = "Follows the chain of the audit log, also of a collector that runs.",
    mixinStandardHelpOptions = true)
final class VerifyAuditCommand implements Callable<Integer> {
  private static final int WHOLE = 0;
  private static final int BROKEN = 1;
  private static final int CONFIGURATION = 78;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the collector keeps its store; ${DEFAULT-VALUE} otherwise.")
  private Path data = Path.of("/var/lib/millwright/collector/data");

  @Option(
      names = "--kept",
      paramLabel = "NUMBER:HASH",
      description =
          "A head that was printed before; without one, an end that was cut off is not found.")
  private @Nullable String kept;

  @Option(
      names = "--heads",
      paramLabel = "FILE",
      description =
          "What nodes have kept of the log: the file audit-heads.json of a node, or the output of 'millwright audit heads -o json'. May be given more than once.")
  private List<Path> heads = List.of();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    Optional<AuditHead> before = Optional.ofNullable(kept).map(this::head);
    Path file = data.resolve("collector.db");
    try {
      List<KeptHead> kept = new ArrayList<>();
      for (Path one : heads) {
        kept.addAll(KeptHead.of(one));
      }
      List<Versioned> all = StoreReading.range(file, AuditLog.ALL); // one look, one moment
      int chain =
          say(
              AuditChain.follow(
                  all.stream().filter(one -> one.key().startsWith(AuditLog.ENTRIES)).toList(),
                  all.stream().filter(one -> one.key().equals(AuditLog.HEAD)).findFirst(),
                  before));
      return heads.isEmpty()
          ? chain
          : Math.max(chain, say(kept, new StoreCopy(StoreCopy.Kind.STORE, file).head(), all));
    } catch (StoreException | JsonMistake e) {
      spec.commandLine().getErr().println(e.getMessage());
      return CONFIGURATION;
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .println(
              "--heads: %s cannot be read: name a file that you may read"
                  .formatted(e.getMessage()));
      return CONFIGURATION;
    }
  }

  private int say(AuditChain.Finding finding) {
    return switch (finding) {
      case AuditChain.Finding.Whole(AuditHead head) -> {
        spec.commandLine()
            .getOut()
            .println(
                "the audit log is whole: %d entries, head %d:%s"
                    .formatted(head.sequence(), head.sequence(), head.hash()));
        yield WHOLE;
      }
      case AuditChain.Finding.Broken(String sentence) -> {
        spec.commandLine()
            .getErr()
            .println("the audit log is not the one that was written: " + sentence);
        yield BROKEN;
      }
    };
  }

  // ---- what nodes have kept

  /** Each that is not in the log, and how many are. */
  private int say(List<KeptHead> kept, StoreCopy.Head store, List<Versioned> all) {
    Testimony testimony = Testimony.of(store.identity(), all);
    int agreeing = 0;
    int contradicting = 0;
    for (KeptHead one : kept) {
      Testimony.Found found = testimony.of(one.head());
      agreeing += found.verdict() == Verdict.AGREES ? 1 : 0;
      contradicting += found.verdict() == Verdict.CONTRADICTS ? 1 : 0;
      if (found.verdict() != Verdict.AGREES) {
        PrintWriter to =
            found.verdict() == Verdict.CONTRADICTS
                ? spec.commandLine().getErr()
                : spec.commandLine().getOut();
        to.println(
            "node %s: %s, seen at %s, %s"
                .formatted(one.node(), one.head().words(), one.seen(), found.why()));
      }
    }
    spec.commandLine()
        .getOut()
        .println(
            "of %d heads that nodes have kept %d are in the log, %d contradict it"
                .formatted(kept.size(), agreeing, contradicting));
    return contradicting == 0 ? WHOLE : BROKEN;
  }

  private AuditHead head(String given) {
    if (!given.matches("[0-9]{1,18}:[0-9a-f]{64}")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--kept: what was given is refused; allowed is a number, a colon and 64 hexadecimal digits, as this command prints them");
    }
    String[] parts = given.split(":", -1);
    return new AuditHead(Long.parseLong(parts[0]), parts[1]);
  }
}
