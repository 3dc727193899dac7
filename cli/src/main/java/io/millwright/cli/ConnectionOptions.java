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
          "File with the token; else the demo's, MILLWRIGHT_TOKEN_FILE, ~/.config/millwright/token.")
  private @Nullable Path tokenFile;

  ConnectionOptions(Surroundings around) {
    this.around = around;
  }

  /**
   * The collector that is meant.
   *
   * @throws SetUpException where somebody on the way could read the token
   */
  Collector collector() {
    Address address = named();
    if (address.token().isPresent() && !address.guarded()) {
      throw new SetUpException(
          "no token is sent to %s: others could read it on the way; allowed is https, or this machine"
              .formatted(address));
    }
    return new Collector(address);
  }

  private Address named() {
    if (url != null) {
      String given = url;
      return Address.checked(given)
          .map(usable -> new Address(usable, "as --collector says", token()))
          .orElseThrow(() ->
              new ParameterException(spec.commandLine(), Address.refusal("--collector", given)));
    }
    return around
        .variable("MILLWRIGHT_COLLECTOR")
        .map(this::ofEnvironment)
        .or(() -> DemoFile.read(around).map(this::ofDemo))
        .orElseGet(() -> new Address(USUAL, "the usual address", token()));
  }

  private Address ofEnvironment(String given) {
    return Address.checked(given)
        .map(usable -> new Address(usable, "as MILLWRIGHT_COLLECTOR says", token()))
        .orElseThrow(() -> new SetUpException(Address.refusal("MILLWRIGHT_COLLECTOR", given)));
  }

  /** A token that is meant for another collector is not sent to a demo. */
  private Address ofDemo(Address demo) {
    return tokenFile == null ? demo : demo.withToken(Optional.of(Token.read(tokenFile)));
  }

  private Optional<String> token() {
    return Optional.ofNullable(tokenFile)
        .or(() -> around.variable("MILLWRIGHT_TOKEN_FILE").map(Path::of))
        .or(() ->
            Optional.of(around.home().resolve(".config/millwright/token")).filter(Files::exists))
        .map(Token::read);
  }
}
