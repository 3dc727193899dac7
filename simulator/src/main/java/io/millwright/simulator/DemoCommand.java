package io.millwright.simulator;

import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** A whole fleet on this machine: a collector, some agents over simulated GPUs, a sample job. */
@Command(
    name = "demo",
    description =
        "Shows a whole fleet on this machine: one collector, some agents over simulated accelerators,"
            + " and a sample job that loads two GPUs. It ends with Ctrl-C and leaves nothing.",
    footer = {
      "",
      "The job runs at the power limit of its GPUs: 'demo --profile b200 --power-limit 500W' ends it"
          + " with half the joules of 'demo --profile b200', whose limit is 1000 W. While the demo runs, so does './millwright"
          + " simulate control node1 set all power_limit_mw 500000' for the next job.",
      "Jobs run as you; when you are root, as nobody."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final int MOST_NODES = 16;
  private static final String MIXED = "mixed";
  private static final int HIGHEST_PORT = 65_535;
  private static final int USUAL_PORT = 9461;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes, 1 to 16; ${DEFAULT-VALUE} if not given.")
  private int nodes = 3;

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      completionCandidates = Words.class,
      description =
          "What the nodes have, one of ${COMPLETION-CANDIDATES}; mixed, which is b200, h100 and"
              + " trn3 in turn, if not given. Jobs run on GPUs only. GB200 and GB300 tell no energy of a GPU alone, so their jobs have no"
              + " joules; their nodes are trays of one NVLink domain.")
  private String profile = MIXED;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = Span.class,
      description =
          "Ends by itself when the fleet was shown so long, as in 60s; otherwise with Ctrl-C.")
  private @Nullable Duration longest;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "The collector's port on 127.0.0.1, 0 for any free one; 9461 if not given.")
  private int port = USUAL_PORT;

  @Option(
      names = "--power-limit",
      paramLabel = "WATTS",
      converter = Watts.class,
      description = "Power limit of every GPU, as in 500W, within what the product allows.")
  private @Nullable Long limitMilliwatts;

  @Override
  public Integer call() {
    within("--nodes", nodes, 1, MOST_NODES);
    within("--port", port, 0, HIGHEST_PORT);
    DemoOptions options =
        new DemoOptions(
            nodes,
            profile(),
            Optional.ofNullable(longest),
            port,
            limitMilliwatts == null ? OptionalLong.empty() : OptionalLong.of(limitMilliwatts));
    return new Demo(options, Clock.system(), System.out, System.err).run();
  }

  /** One for all nodes, or none for {@code mixed}. */
  private Optional<SimulatedUp.Profile> profile() {
    if (profile.equals(MIXED)) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.stream(SimulatedUp.Profile.values())
            .filter(known -> known.toString().equals(profile))
            .findFirst()
            .orElseThrow(() ->
                new ParameterException(
                    spec.commandLine(),
                    "--profile: '%s' is refused; allowed are %s"
                        .formatted(profile, String.join(", ", new Words())))));
  }

  private void within(String option, int given, int least, int most) {
    if (given < least || given > most) {
      throw new ParameterException(
          spec.commandLine(),
          "%s: '%d' is refused; allowed is a whole number from %d to %d"
              .formatted(option, given, least, most));
    }
  }

  /** What the option allows. */
  static final class Words extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Words() {
      super(Arrays.stream(SimulatedUp.Profile.values()).map(String::valueOf).toList());
      add(MIXED);
    }
  }

  /** A duration as in {@code 60s}. */
  static final class Span implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,6})(s|m|h)");

    @Override
    public Duration convert(String given) {
      Matcher form = FORM.matcher(given);
      if (!form.matches()) {
        throw new TypeConversionException(
            "'%s' is no duration: write a whole number from 1 with s, m or h, as in 60s"
                .formatted(given));
      }
      long amount = Long.parseLong(form.group(1));
      return switch (form.group(2)) {
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofHours(amount);
      };
    }
  }

  /** Watts as in {@code 500W}; in milliwatts. */
  static final class Watts implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{2,3})W?");
    private static final long MILLI = 1000;

    @Override
    public Long convert(String given) {
      Matcher form = FORM.matcher(given);
      if (!form.matches()) {
        throw new TypeConversionException(
            "'%s' is no power limit: write whole watts from 100W to 9999W, as in 500W"
                .formatted(given));
      }
      return Long.parseLong(form.group(1)) * MILLI;
    }
  }
}
