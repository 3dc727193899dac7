package io.millwright.agent;

import io.millwright.agent.config.ConfigFile;
import io.millwright.agent.config.ConfigReader;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.config.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the configuration comes from, as the command line says it. */
final class ConfigOptions {
  private static final Path KERNEL_HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final Path USUAL = Path.of("/etc/millwright/agent.yaml");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file; /etc/millwright/agent.yaml where it is there.")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides one key, as in --set nvidia.library=/opt/libnvidia-ml.so.1.")
  private Map<String, String> set = new HashMap<>();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where the page is served; the same as --set listen=HOST:PORT.")
  private @Nullable String listen;

  /** Reads it, as often as it is asked. */
  Supplier<ConfigResult> reading() {
    Map<String, String> options = new HashMap<>(set);
    if (listen != null) {
      options.put("listen", listen);
    }
    ConfigFile from =
        file == null ? new ConfigFile.IfPresent(USUAL) : new ConfigFile.Required(file);
    ConfigSources sources = new ConfigSources(from, System.getenv(), options);
    ConfigReader reader = new ConfigReader(hostName());
    return () -> reader.read(sources);
  }

  /** The file that is read; empty where there is none. */
  Optional<Path> file() {
    return Optional.ofNullable(file).or(() -> Optional.of(USUAL).filter(Files::exists));
  }

  /** As the kernel says it: a resolver may not know it. */
  private static String hostName() {
    try {
      return Files.readString(KERNEL_HOST_NAME).strip();
    } catch (IOException unnamed) {
      return "localhost";
    }
  }
}
