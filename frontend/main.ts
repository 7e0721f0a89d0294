import "./requests";
import "./audience";
import "./countdown";
import "./forms";
import "./share";
import "./sheet";
import "./theme";
import "./toast";
