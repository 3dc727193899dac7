package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.views.DutyView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Whether people let a node work: {@code cordon}, {@code uncordon}, {@code drain} and {@code lost}.
 */
abstract class DutyCommand implements Callable<Integer> {
  private final String verb;

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Parameters(paramLabel = "N", description = "The node's name.")
  private String node = "";

  @Option(
      names = "--reason",
      paramLabel = "R",
      required = true,
      description = "Why, in a few words; it is shown to others and written down.")
  private String reason = "";

  DutyCommand(String verb, Surroundings around) {
    this.verb = verb;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  /** What is asked for besides the reason. */
  void add(ObjectNode wish) {}

  @Override
  public Integer call() {
    ObjectNode wish = Json.object().put("reason", reason);
    add(wish);
    Collector collector = connection.collector();
    JsonNode tree =
        collector.post(
            "/v1/nodes/" + Collector.part(node) + "/" + verb,
            wish.toString().getBytes(StandardCharsets.UTF_8),
            JsonNode.class);
    DutyView duty = collector.view(tree, DutyView.class);
    Screen screen = view.screen();
    screen.one(Views.DUTY, tree, () -> tables(duty));
    return ExitCode.DONE;
  }

  private List<Table> tables(DutyView duty) {
    Facts facts = new Facts();
    facts.add("node", node);
    NodeFacts.duty(facts, duty);
    return List.of(facts.table());
  }

  /** {@code cordon}. */
  @Command(
      name = "cordon",
      description = {
        "Lets a node have no new work; what runs there goes on.",
        "Needs the role operator. Policy never takes back what a person did."
      })
  static final class Cordon extends DutyCommand {
    Cordon(Surroundings around) {
      super("cordon", around);
    }
  }

  /** {@code uncordon}. */
  @Command(
      name = "uncordon",
      description = {
        "Puts a node back to work, whoever withdrew it.",
        "While the same verdicts stand, policy does not withdraw it again."
      })
  static final class Uncordon extends DutyCommand {
    Uncordon(Surroundings around) {
      super("uncordon", around);
    }
  }

  /** {@code lost}. */
  @Command(
      name = "lost",
      description = {
        "Declares that a node is off and stays off: its runs end as node-lost, and jobs",
        "with --restart-on node-lost begin again elsewhere. Needs the role admin.",
        "Refused while the node is connected. Make sure that it has no power: nothing",
        "else ends what runs there."
      })
  static final class Lost extends DutyCommand {
    Lost(Surroundings around) {
      super("lost", around);
    }
  }

  /** {@code drain}. */
  @Command(
      name = "drain",
      description = {
        "Lets a node have no new work, and what runs there come to its end.",
        "With a deadline, what is left by then is stopped as if it had been cancelled."
      })
  static final class Drain extends DutyCommand {
    @Option(
        names = "--deadline",
        paramLabel = "D",
        converter = SpanOption.class,
        description = "After so long what is left is stopped, as in 2h; never without it.")
    private @Nullable Duration deadline;

    Drain(Surroundings around) {
      super("drain", around);
    }

    @Override
    void add(ObjectNode wish) {
      if (deadline != null) {
        wish.put("within_ms", deadline.toMillis());
      }
    }
  }
}
