package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millwright.collector.rest.Tokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** That such a token is taken at the port, RequestRateTest and FleetTest see. */
class TokenCommandTest {
  @TempDir private Path directory = Path.of("");

  private record Ran(int code, String out, String err) {}

  @Test
  void aTokenIsPrintedOnceAndItsHashAloneIsKept() throws IOException {
    Path file = directory.resolve("tokens");
    Ran first = run(file, "operator", "ann");
    Ran second = run(file, "viewer", "bob@site");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out().strip()).matches("[A-Za-z0-9_-]{43}").isNotEqualTo(second.out().strip());
    assertThat(Files.readString(file))
        .isEqualTo(
            "operator ann %s\nviewer bob@site %s\n"
                .formatted(Tokens.hashed(first.out().strip()), Tokens.hashed(second.out().strip())))
        .doesNotContain(first.out().strip());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Tokens.read(file);
  }

  @Test
  void aFileThatTheCollectorWouldRefuseIsLeftAsItIs() throws IOException {
    Path file = directory.resolve("tokens");
    Files.writeString(file, "nonsense");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Ran ran = run(file, "operator", "ann");
    assertThat(ran.code()).isEqualTo(78);
    assertThat(ran.err()).contains(":1 is no token: a line is ROLE NAME TOKEN");
    assertThat(Files.readString(file)).isEqualTo("nonsense");
  }

  @ParameterizedTest
  @CsvSource({
    "root, ann, --role: 'root' is refused; allowed is viewer, operator or admin",
    "viewer, a b, '--name: ''a b'' is refused; allowed are 1 to 64 letters'",
    "anybody, ann, --role: 'anybody' is refused"
  })
  void aWordThatIsNoneIsRefused(String role, String name, String sentence) {
    Ran ran = run(directory.resolve("tokens"), role, name);
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains(sentence);
    assertThat(directory.resolve("tokens")).doesNotExist();
  }

  @Test
  void aHashThatIsNoneIsRefusedWhereItStands() throws IOException {
    Path file = directory.resolve("tokens");
    Files.writeString(file, "\nviewer ann sha256:0123456789abcdef0123456789ABCDEF\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokens.read(file))
        .withMessageContaining(":2 is no hash of a token");
  }

  private static Ran run(Path file, String role, String name) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new TokenCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute("--tokens", file.toString(), "--role", role, "--name", name);
    return new Ran(code, out.toString(), err.toString());
  }
}
