package io.millwright.agent;

import io.millwright.agent.join.IdentityPlace;
import io.millwright.agent.join.JoinCall;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Names;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes this machine a node of a site. Exit codes: 0 done, 1 refused by the collector or it cannot
 * be reached, 64 usage, 78 a file of this node is in the way or cannot be used.
 */
@Command(
    name = "join",
    description = {
      "Makes this machine a node of a site: gets its certificate from the collector.",
      "The token, of 'millwright collector ca token', works once."
    },
    mixinStandardHelpOptions = true)
final class JoinCommand implements Callable<Integer> {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Option(
      names = "--collector",
      paramLabel = "HOST:PORT",
      required = true,
      converter = CollectorOption.class,
      description = "The collector's port for joining, as its certificate names the host.")
  private CollectorOption.Address collector = new CollectorOption.Address("", "", 0);

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      required = true,
      description = "The token, readable by you alone; - for stdin.")
  private String token = "";

  @Option(
      names = "--credentials",
      paramLabel = "DIR",
      description =
          "Where the node's certificate and key are kept; ${DEFAULT-VALUE} otherwise, as collector.credentials.")
  private Path credentials = Path.of("/var/lib/millwright/agent/credentials");

  @Option(
      names = "--replace",
      description = "Puts the new identity in the place of the one that is there.")
  private boolean replace;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "This node's name; the token must be for it. Otherwise the token's name.")
  private @Nullable String node;

  @Override
  public Integer call() throws InterruptedException {
    checkName();
    try {
      JoinToken read =
          token.equals("-") ? JoinToken.read(System.in) : JoinToken.read(Path.of(token));
      checkNode(read);
      try (IdentityPlace place = IdentityPlace.claim(credentials, replace)) {
        return join(read, place);
      }
    } catch (TlsException failure) {
      spec.commandLine().getErr().println(sentence(failure));
      return ExitCode.CONFIGURATION;
    }
  }

  private int join(JoinToken read, IdentityPlace place) throws InterruptedException {
    return switch (new JoinCall(read, collector.host(), collector.port(), Clock.system()).ask()) {
      case JoinCall.Outcome.Refused(String sentence) -> {
        spec.commandLine().getErr().println(sentence);
        yield ExitCode.FAILED;
      }
      case JoinCall.Outcome.Joined(Credentials given) -> {
        place.keep(given);
        spec.commandLine().getOut().println(joined(read, given));
        yield ExitCode.DONE;
      }
    };
  }

  private String joined(JoinToken read, Credentials given) {
    return "%s of site %s joined, until %s; next: set collector.address: %s:9462 (its port for agents) and, where they are not so anyway, collector.credentials: %s and node.name: %s, and restart the agent"
        .formatted(
            read.node().words(),
            read.node().site(),
            given.certificate().getNotAfter().toInstant(),
            collector.name(),
            credentials.toAbsolutePath().normalize(),
            read.node().name());
  }

  private void checkName() {
    try {
      if (node != null) {
        Names.node(node);
      }
    } catch (IllegalArgumentException refused) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(refused.getMessage()), refused);
    }
  }

  private void checkNode(JoinToken read) {
    if (node != null && !node.equals(read.node().name())) {
      throw new TlsException(
          "the token is for %s, and this is node %s: ask for a token of its own"
              .formatted(read.node().words(), node));
    }
  }

  /** With what the system said, where it was the system. */
  private static String sentence(TlsException failure) {
    String said = String.valueOf(failure.getMessage());
    return failure.getCause() instanceof IOException system ? said + " failed: " + system : said;
  }
}
