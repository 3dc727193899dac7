package io.millwright.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Which collector, and with which token. The address is that of {@code --collector}, else of {@code
 * MILLWRIGHT_COLLECTOR}, else of a running demo, else the usual one.
 */
final class ConnectionOptions {
  private static final String USUAL = "http://127.0.0.1:9461";

  private final Surroundings around;

  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Option(
      names = "--collector",
      paramLabel = "URL",
      description =
          "The collector; else MILLWRIGHT_COLLECTOR, a running demo's, http://127.0.0.1:9461.")
  private @Nullable String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the token; else MILLWRIGHT_TOKEN_FILE, the demo's, ~/.config/millwright/token.")
  private @Nullable Path tokenFile;

  ConnectionOptions(Surroundings around) {
    this.around = around;
  }

  Collector collector() {
    Address named = named();
    return new Collector(new Address(named.url(), named.origin(), token(named)));
  }

  private Address named() {
    if (url != null) {
      String given = url;
      return Address.checked(given)
          .map(usable -> new Address(usable, "as --collector says", Optional.empty()))
          .orElseThrow(() ->
              new ParameterException(spec.commandLine(), Address.refusal("--collector", given)));
    }
    return around
        .variable("MILLWRIGHT_COLLECTOR")
        .map(ConnectionOptions::ofEnvironment)
        .or(() -> DemoFile.read(around))
        .orElseGet(() -> new Address(USUAL, "the usual address", Optional.empty()));
  }

  private static Address ofEnvironment(String given) {
    return Address.checked(given)
        .map(usable -> new Address(usable, "as MILLWRIGHT_COLLECTOR says", Optional.empty()))
        .orElseThrow(() -> new SetUpException(Address.refusal("MILLWRIGHT_COLLECTOR", given)));
  }

  private Optional<String> token(Address named) {
    return Optional.ofNullable(tokenFile)
        .or(() -> around.variable("MILLWRIGHT_TOKEN_FILE").map(Path::of))
        .map(Token::read)
        .or(named::token)
        .or(() ->
            Optional.of(around.home().resolve(".config/millwright/token"))
                .filter(Files::exists)
                .map(Token::read));
  }
}
