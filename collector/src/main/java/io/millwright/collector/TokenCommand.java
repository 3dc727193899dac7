package io.millwright.collector;

import io.millwright.collector.rest.Role;
import io.millwright.collector.rest.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code collector token}. Exit codes: 0 made, 64 usage, 78 not made. */
@Command(
    name = "token",
    description = {
      "Makes a token of the http port, prints it, and writes its hash into the file of '--tokens'.",
      "The token stands nowhere else: give it to whom it is for. The collector knows it from its next start on."
    },
    mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {
  private static final int DONE = 0;
  private static final int CONFIGURATION = 78;
  private static final int BYTES = 32;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      required = true,
      description = "The file, as 'collector run --tokens' has it; made where it is not there.")
  private Path file = Path.of("");

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      required = true,
      description = "viewer, operator or admin.")
  private String role = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      required = true,
      description = "Whose it is, as it stands in the audit log.")
  private String name = "";

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    if (Role.ofWord(role).isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--role: '%s' is refused; allowed is viewer, operator or admin".formatted(role));
    }
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--name: '%s' is refused; allowed are 1 to 64 letters, digits, dots, hyphens, underscores and @"
              .formatted(name.replaceAll("\\p{Cntrl}", "?")));
    }
    try {
      String token = made();
      spec.commandLine().getOut().println(token);
      return DONE;
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .println(
              "--tokens: %s; see that you may read and write %s".formatted(e.getMessage(), file));
      return CONFIGURATION;
    }
  }

  private String made() throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Tokens.read(file); // what the collector would refuse is not made longer
    String before = Files.readString(file);
    String gap = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
    Files.writeString(
        file,
        "%s%s %s %s%n".formatted(gap, role, name, Tokens.hashed(token)),
        StandardOpenOption.APPEND,
        StandardOpenOption.SYNC);
    return token;
  }
}
