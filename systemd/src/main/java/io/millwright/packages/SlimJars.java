package io.millwright.packages;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies jars without the native libraries in them. The one for this machine goes beside the jars,
 * so that the JVM loads it from there and unpacks nothing to /tmp, which may be noexec.
 *
 * <pre>
 * SlimJars LIB NATIVE JAR…
 * </pre>
 */
public final class SlimJars {
  /** What a native library is called inside the jar, and beside it. */
  private static final Map<String, String> WANTED =
      Map.of(
          "com/sun/jna/linux-x86-64/libjnidispatch.so", "libjnidispatch.so",
          "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so", "libsqlitejdbc.so");

  private static final List<String> NATIVE_ENDINGS =
      List.of(".so", ".dll", ".dylib", ".jnilib", ".a", ".sl");

  /** The same in each build, in whatever time zone. */
  private static final LocalDateTime EVER = LocalDateTime.of(2000, 1, 1, 0, 0);

  private final Path jars;
  private final Path natives;

  SlimJars(Path jars, Path natives) {
    this.jars = jars;
    this.natives = natives;
  }

  public static void main(String[] arguments) throws IOException {
    SlimJars slim = new SlimJars(Path.of(arguments[0]), Path.of(arguments[1]));
    for (String jar : List.of(arguments).subList(2, arguments.length)) {
      slim.copy(Path.of(jar));
    }
  }

  /** A jar without natives is copied as it is. */
  void copy(Path jar) throws IOException {
    Path target = jars.resolve(String.valueOf(jar.getFileName()));
    try (JarFile source = new JarFile(jar.toFile())) {
      if (source.stream().noneMatch(SlimJars::isNative)) {
        Files.copy(jar, target);
        return;
      }
      try (OutputStream out = Files.newOutputStream(target);
          ZipOutputStream slim = new ZipOutputStream(out)) {
        Enumeration<JarEntry> entries = source.entries();
        while (entries.hasMoreElements()) {
          copy(source, entries.nextElement(), slim);
        }
      }
    }
  }

  private void copy(JarFile source, JarEntry entry, ZipOutputStream slim) throws IOException {
    byte[] content = source.getInputStream(entry).readAllBytes();
    if (isNative(entry)) {
      Optional<String> wanted = Optional.ofNullable(WANTED.get(entry.getName()));
      if (wanted.isPresent()) {
        Files.write(natives.resolve(wanted.get()), content);
      }
      return;
    }
    ZipEntry copy = new ZipEntry(entry.getName());
    copy.setTimeLocal(EVER);
    slim.putNextEntry(copy);
    slim.write(content);
    slim.closeEntry();
  }

  private static boolean isNative(JarEntry entry) {
    return NATIVE_ENDINGS.stream().anyMatch(entry.getName()::endsWith);
  }
}
