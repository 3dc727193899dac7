package io.millwright.collector.trust;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Where the authority is, and how a command ends. */
final class CaPlace {
  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Option(
      names = "--dir",
      paramLabel = "D",
      defaultValue = "${env:MILLWRIGHT_CA_DIR:-/var/lib/millwright/collector/ca}",
      description = "The authority's own directory; ${DEFAULT-VALUE} where it is not given.")
  private Path directory = Path.of("");

  Path directory() {
    return directory;
  }

  Authority authority() {
    return Authority.open(directory, Clock.system());
  }

  Enrolment enrolment() {
    return Enrolment.of(directory, authority(), Clock.system());
  }

  /** What was typed, or a usage error. */
  <T> T checked(Supplier<T> typed) {
    try {
      return typed.get();
    } catch (IllegalArgumentException refused) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(refused.getMessage()), refused);
    }
  }

  /** By which the collector is reached, as its certificate says. */
  String collectorHost() {
    try {
      return Credentials.read(directory.resolve(Authority.COLLECTOR_DIRECTORY)).hosts().stream()
          .filter(host -> !Hosts.isLoopback(host))
          .map(host -> host.indexOf(':') < 0 ? host : "[" + host + "]")
          .findFirst()
          .orElse("localhost");
    } catch (TlsException elsewhere) {
      return "HOST";
    }
  }

  void say(String line) {
    spec.commandLine().getOut().println(line);
  }

  void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  /** Beside what is printed for a pipe. */
  void note(String line) {
    spec.commandLine().getErr().println(line);
  }

  /** Does it, or says in one sentence why not. */
  int run(Runnable work) {
    try {
      work.run();
      return CaCommand.DONE;
    } catch (TlsException failure) {
      spec.commandLine().getErr().println(sentence(failure));
      return CaCommand.FAILED;
    }
  }

  /** With what the system said, where it was the system. */
  private static String sentence(TlsException failure) {
    String said = String.valueOf(failure.getMessage());
    return failure.getCause() instanceof IOException system ? said + " failed: " + system : said;
  }
}
