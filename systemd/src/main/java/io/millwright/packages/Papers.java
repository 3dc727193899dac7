package io.millwright.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the manuals and the completions of the installed programs, below the root of a package.
 *
 * <pre>
 * Papers VERSION PROGRAM ROOT [PROGRAM ROOT …]
 * </pre>
 */
public final class Papers {
  private final Path root;

  private Papers(Path root) {
    this.root = root;
  }

  public static void main(String[] arguments) throws IOException {
    for (int i = 1; i + 1 < arguments.length; i += 2) {
      new Papers(Path.of(arguments[i + 1])).write(program(arguments[i]), arguments[0]);
    }
  }

  private static Program program(String name) {
    return Program.all().stream()
        .filter(program -> program.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new PackagingException("there is no program '" + name + "'"));
  }

  private void write(Program program, String version) throws IOException {
    String name = program.name();
    int section = program.section();
    write(
        "usr/share/man/man%d/%s.%d".formatted(section, name, section),
        ManPage.of(program, version));
    write("usr/share/bash-completion/completions/" + name, Completions.bash(program));
    write("usr/share/zsh/vendor-completions/_" + name, Completions.zsh(program));
    write("usr/share/fish/vendor_completions.d/" + name + ".fish", Completions.fish(program));
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
