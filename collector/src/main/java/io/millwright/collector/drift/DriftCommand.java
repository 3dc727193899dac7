package io.millwright.collector.drift;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millwright collector drift}: the signed file of what driver and firmware are wanted. */
@Command(
    name = "drift",
    description = "Makes the site's key, signs the set of wanted versions, and checks one.",
    mixinStandardHelpOptions = true,
    subcommands = {DriftCommand.MakeKey.class, DriftCommand.Sign.class, DriftCommand.Check.class})
public final class DriftCommand implements Runnable {
  private static final int DONE = 0;
  private static final int CONFIGURATION = 78;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a verb is missing: key, sign or check");
  }

  /** What may fail, with one sentence. */
  private interface Work {
    void run() throws IOException;
  }

  private static int told(Work work) {
    try {
      work.run();
      return DONE;
    } catch (FileAlreadyExistsException e) {
      System.err.println(e.getFile() + " is there already; it is not written over");
    } catch (IOException e) {
      System.err.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
    }
    return CONFIGURATION;
  }

  /** {@code key}. */
  @Command(
      name = "key",
      description = "Makes a pair of keys; the private one belongs where sets are signed.",
      mixinStandardHelpOptions = true)
  static final class MakeKey implements Callable<Integer> {
    @Option(
        names = "--out",
        paramLabel = "DIR",
        required = true,
        description = "Where drift.key and drift.pub are written; made if it is not there.")
    private Path directory = Path.of("");

    @Override
    public Integer call() {
      return told(() -> {
        Files.createDirectories(directory);
        Path own = directory.resolve("drift.key");
        Path shared = directory.resolve("drift.pub");
        absent(own);
        absent(shared);
        KeyPair pair = DriftKeys.generate();
        Files.createFile(
            own,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(own, DriftKeys.pem(pair.getPrivate()), StandardCharsets.US_ASCII);
        Files.writeString(
            shared,
            DriftKeys.pem(pair.getPublic()),
            StandardCharsets.US_ASCII,
            StandardOpenOption.CREATE_NEW);
        System.out.println("private key: " + own);
        System.out.println("public key:  " + shared);
      });
    }

    /** Half a pair is of no use. */
    private static void absent(Path file) throws FileAlreadyExistsException {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(file.toString());
      }
    }
  }

  /** {@code sign}. */
  @Command(
      name = "sign",
      description = "Signs a set; a set with a mistake is not signed.",
      mixinStandardHelpOptions = true)
  static final class Sign implements Callable<Integer> {
    @Option(
        names = "--key",
        paramLabel = "FILE",
        required = true,
        description = "The private key, of 'drift key'.")
    private Path key = Path.of("");

    @Option(
        names = "--out",
        paramLabel = "FILE",
        required = true,
        description = "Where the signed set is written; replaced whole.")
    private Path out = Path.of("");

    @Parameters(paramLabel = "SET", description = "The set, JSON.")
    private Path set = Path.of("");

    @Override
    public Integer call() {
      return told(() -> {
        byte[] signed = DesiredText.sign(Files.readAllBytes(set), DriftKeys.privateKey(key));
        Path fresh = out.resolveSibling(out.getFileName() + ".new");
        Files.write(fresh, signed);
        Files.move(fresh, out, StandardCopyOption.ATOMIC_MOVE);
        System.out.println("signed: " + out);
      });
    }
  }

  /** {@code check}. */
  @Command(
      name = "check",
      description = "Says whether a set is whole and signed by the site's key.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Option(
        names = "--key",
        paramLabel = "FILE",
        required = true,
        description = "The public key, of 'drift key'.")
    private Path key = Path.of("");

    @Parameters(paramLabel = "SET", description = "The signed set.")
    private Path set = Path.of("");

    @Override
    public Integer call() {
      return told(() -> {
        DesiredSet read = DesiredText.read(Files.readAllBytes(set), DriftKeys.publicKey(key));
        System.out.println("good: %s".formatted(read.name()));
        read.wanted()
            .forEach(one ->
                System.out.println(
                    "%s%s: %s"
                        .formatted(
                            one.sku(),
                            one.domain().map(domain -> " in " + domain).orElse(""),
                            one.versions())));
      });
    }
  }
}
