// Reads a document with JMRTD, through javax.smartcardio and so through pcscd: the way of somebody who knows nothing of
// our code. Arguments: bac or pace, document number, birth date, expiry date (YYMMDD).
// Prints `access`, `dg1`, `files`, `chip_authentication` and `active_authentication`, each with its word; exit code 0
// when all of it was done.
import java.io.InputStream;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import javax.smartcardio.CardTerminal;
import javax.smartcardio.TerminalFactory;
import net.sf.scuba.smartcards.CardService;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jmrtd.BACKey;
import org.jmrtd.PassportService;
import org.jmrtd.lds.CardAccessFile;
import org.jmrtd.lds.ChipAuthenticationInfo;
import org.jmrtd.lds.ChipAuthenticationPublicKeyInfo;
import org.jmrtd.lds.PACEInfo;
import org.jmrtd.lds.SODFile;
import org.jmrtd.lds.SecurityInfo;
import org.jmrtd.lds.icao.COMFile;
import org.jmrtd.lds.icao.DG14File;
import org.jmrtd.lds.icao.DG15File;
import org.jmrtd.lds.icao.DG1File;

public final class ReadDocument {
  private static CardTerminal terminalWithCard() throws Exception {
    for (CardTerminal terminal : TerminalFactory.getDefault().terminals().list()) {
      if (terminal.isCardPresent()) {
        return terminal;
      }
    }
    throw new IllegalStateException("no reader has a card");
  }

  private static void pace(PassportService service, BACKey key) throws Exception {
    try (InputStream in = service.getInputStream(PassportService.EF_CARD_ACCESS)) {
      for (SecurityInfo info : new CardAccessFile(in).getSecurityInfos()) {
        if (info instanceof PACEInfo) {
          PACEInfo pace = (PACEInfo) info;
          service.doPACE(key, pace.getObjectIdentifier(), PACEInfo.toParameterSpec(pace.getParameterId()),
              pace.getParameterId());
          return;
        }
      }
    }
    throw new IllegalStateException("EF.CardAccess offers no PACE");
  }

  private static String chipAuthentication(PassportService service) throws Exception {
    DG14File dg14 = new DG14File(service.getInputStream(PassportService.EF_DG14));
    ChipAuthenticationInfo protocol = null;
    ChipAuthenticationPublicKeyInfo key = null;
    for (SecurityInfo info : dg14.getSecurityInfos()) {
      if (info instanceof ChipAuthenticationInfo) {
        protocol = (ChipAuthenticationInfo) info;
      } else if (info instanceof ChipAuthenticationPublicKeyInfo) {
        key = (ChipAuthenticationPublicKeyInfo) info;
      }
    }
    BigInteger id = key.getKeyId();
    service.doEACCA(id, protocol.getObjectIdentifier(), key.getObjectIdentifier(), key.getSubjectPublicKey());
    // What is read now goes under the new keys.
    new COMFile(service.getInputStream(PassportService.EF_COM));
    return "done";
  }

  private static String activeAuthentication(PassportService service) throws Exception {
    PublicKey key = new DG15File(service.getInputStream(PassportService.EF_DG15)).getPublicKey();
    byte[] challenge = new byte[8];
    new SecureRandom().nextBytes(challenge);
    byte[] response = service.doAA(key, "SHA-256", "SHA256WithRSA/ISO9796-2", challenge).getResponse();
    return response.length > 0 ? "answered" : "silent";
  }

  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    BACKey key = new BACKey(arguments[1], arguments[2], arguments[3]);
    PassportService service = new PassportService(CardService.getInstance(terminalWithCard()),
        PassportService.NORMAL_MAX_TRANCEIVE_LENGTH, PassportService.DEFAULT_MAX_BLOCKSIZE, false, true);
    service.open();
    boolean byPace = arguments[0].equals("pace");
    if (byPace) {
      pace(service, key);
    }
    service.sendSelectApplet(byPace);
    if (!byPace) {
      service.doBAC(key);
    }
    System.out.println("access " + arguments[0]);
    List<Integer> groups =
        new ArrayList<>(new SODFile(service.getInputStream(PassportService.EF_SOD)).getDataGroupHashes().keySet());
    System.out.println("dg1 " + new DG1File(service.getInputStream(PassportService.EF_DG1)).getMRZInfo()
        .getDocumentNumber());
    System.out.println("files " + groups);
    System.out.println("chip_authentication " + chipAuthentication(service));
    System.out.println("active_authentication " + activeAuthentication(service));
    service.close();
  }
}
