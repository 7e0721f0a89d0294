import "./requests";
import "./countdown";
import "./forms";
import "./share";
import "./sheet";
import "./theme";
import "./toast";
