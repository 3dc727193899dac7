package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What a node has for jobs in containers.
 *
 * <p>Stateless. <i>Failure:</i> what cannot be read names no device.
 *
 * @param podman the program that makes a container
 * @param crun the program that it begins the container's own with
 * @param cdi directories of specifications of the Container Device Interface, version 0.x
 */
public record ContainerHost(Path podman, Path crun, List<Path> cdi) {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerHost.class);
  private static final int LARGEST_BYTES = 4 << 20;

  public ContainerHost {
    cdi = List.copyOf(cdi);
  }

  /**
   * @param root {@code /} but in tests
   */
  public static ContainerHost under(Path root) {
    return new ContainerHost(
        root.resolve("usr/bin/podman"),
        root.resolve("usr/bin/crun"),
        List.of(root.resolve("etc/cdi"), root.resolve("run/cdi")));
  }

  /** Why no container begins here, in one sentence; empty where one may. */
  public Optional<String> refusal() {
    return List.of(podman, crun).stream()
        .filter(program -> !Files.isExecutable(program))
        .findFirst()
        .map(program ->
            "container: there is no %s on this node; install podman and crun".formatted(program));
  }

  /**
   * The devices that root's specifications know, by their names.
   *
   * @param kind as in {@code nvidia.com/gpu}
   */
  public Set<String> devices(String kind) {
    Set<String> names = new HashSet<>();
    for (Path directory : cdi) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.{json,yaml}")) {
        files.forEach(file -> read(file, kind, names));
      } catch (NoSuchFileException | NotDirectoryException none) {
        // as on most nodes
      } catch (IOException | DirectoryIteratorException unreadable) {
        LOG.warn("device specifications cannot be listed directory={}", directory, unreadable);
      }
    }
    return names;
  }

  private static void read(Path file, String kind, Set<String> names) {
    try {
      GuardedFile.file(file);
      if (Files.size(file) > LARGEST_BYTES) {
        LOG.warn("a device specification is too large file={}", file);
        return;
      }
      LoadSettings settings = LoadSettings.builder().setCodePointLimit(LARGEST_BYTES).build();
      Object all = new Load(settings).loadFromString(Files.readString(file));
      if (all instanceof Map<?, ?> specification
          && kind.equals(specification.get("kind"))
          && specification.get("devices") instanceof List<?> devices) {
        devices.forEach(device -> {
          if (device instanceof Map<?, ?> one && one.get("name") instanceof String name) {
            names.add(name);
          }
        });
      }
    } catch (GuardedFile.Unguarded open) {
      LOG.warn("a device specification is not root's file={} why={}", file, open.sentence());
    } catch (NoSuchFileException gone) {
      LOG.debug("a device specification went file={}", file);
    } catch (CharacterCodingException notText) {
      LOG.warn("a device specification is not UTF-8 file={}", file);
    } catch (IOException | RuntimeException unreadable) {
      LOG.warn("a device specification cannot be read file={}", file, unreadable);
    }
  }
}
