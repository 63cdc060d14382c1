// The techniques of ATT&CK Enterprise as data; attack.ts reads it. Version 18.1, taken from its STIX bundle (enterprise-attack-18.1.json).
//
// (c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.
// ATT&CK is a registered trademark of The MITRE Corporation; terms of use: https://attack.mitre.org/resources/terms-of-use/

/** Version of ATT&CK that the data below are of. */
export const ATTACK_VERSION = '18.1';

/** One line each: id, its tactics (5 is TA0005), `c` where the Containers platform has it, name. */
export const TECHNIQUES = `T1001|11||Data Obfuscation
T1001.001|11||Junk Data
T1001.002|11||Steganography
T1001.003|11||Protocol or Service Impersonation
T1003|6||OS Credential Dumping
T1003.001|6||LSASS Memory
T1003.002|6||Security Account Manager
T1003.003|6||NTDS
T1003.004|6||LSA Secrets
T1003.005|6||Cached Domain Credentials
T1003.006|6||DCSync
T1003.007|6||Proc Filesystem
T1003.008|6||/etc/passwd and /etc/shadow
T1005|9||Data from Local System
T1006|5||Direct Volume Access
T1007|7||System Service Discovery
T1008|11||Fallback Channels
T1010|7||Application Window Discovery
T1011|10||Exfiltration Over Other Network Medium
T1011.001|10||Exfiltration Over Bluetooth
T1012|7||Query Registry
T1014|5||Rootkit
T1016|7||System Network Configuration Discovery
T1016.001|7||Internet Connection Discovery
T1016.002|7||Wi-Fi Discovery
T1018|7||Remote System Discovery
T1020|10||Automated Exfiltration
T1020.001|10||Traffic Duplication
T1021|8||Remote Services
T1021.001|8||Remote Desktop Protocol
T1021.002|8||SMB/Windows Admin Shares
T1021.003|8||Distributed Component Object Model
T1021.004|8||SSH
T1021.005|8||VNC
T1021.006|8||Windows Remote Management
T1021.007|8||Cloud Services
T1021.008|8||Direct Cloud VM Connections
T1025|9||Data from Removable Media
T1027|5||Obfuscated Files or Information
T1027.001|5||Binary Padding
T1027.002|5||Software Packing
T1027.003|5||Steganography
T1027.004|5||Compile After Delivery
T1027.005|5||Indicator Removal from Tools
T1027.006|5||HTML Smuggling
T1027.007|5||Dynamic API Resolution
T1027.008|5||Stripped Payloads
T1027.009|5||Embedded Payloads
T1027.010|5||Command Obfuscation
T1027.011|5||Fileless Storage
T1027.012|5||LNK Icon Smuggling
T1027.013|5||Encrypted/Encoded File
T1027.014|5||Polymorphic Code
T1027.015|5||Compression
T1027.016|5||Junk Code Insertion
T1027.017|5||SVG Smuggling
T1029|10||Scheduled Transfer
T1030|10||Data Transfer Size Limits
T1033|7||System Owner/User Discovery
T1036|5|c|Masquerading
T1036.001|5||Invalid Code Signature
T1036.002|5||Right-to-Left Override
T1036.003|5||Rename Legitimate Utilities
T1036.004|5||Masquerade Task or Service
T1036.005|5|c|Match Legitimate Resource Name or Location
T1036.006|5||Space after Filename
T1036.007|5||Double File Extension
T1036.008|5||Masquerade File Type
T1036.009|5||Break Process Trees
T1036.010|5|c|Masquerade Account Name
T1036.011|5||Overwrite Process Arguments
T1036.012|5||Browser Fingerprint
T1037|3,4||Boot or Logon Initialization Scripts
T1037.001|3,4||Logon Script (Windows)
T1037.002|3,4||Login Hook
T1037.003|3,4||Network Logon Script
T1037.004|3,4||RC Scripts
T1037.005|3,4||Startup Items
T1039|9||Data from Network Shared Drive
T1040|6,7||Network Sniffing
T1041|10||Exfiltration Over C2 Channel
T1046|7|c|Network Service Discovery
T1047|2||Windows Management Instrumentation
T1048|10||Exfiltration Over Alternative Protocol
T1048.001|10||Exfiltration Over Symmetric Encrypted Non-C2 Protocol
T1048.002|10||Exfiltration Over Asymmetric Encrypted Non-C2 Protocol
T1048.003|10||Exfiltration Over Unencrypted Non-C2 Protocol
T1049|7||System Network Connections Discovery
T1052|10||Exfiltration Over Physical Medium
T1052.001|10||Exfiltration over USB
T1053|2,3,4|c|Scheduled Task/Job
T1053.002|2,3,4||At
T1053.003|2,3,4||Cron
T1053.005|2,3,4||Scheduled Task
T1053.006|2,3,4||Systemd Timers
T1053.007|2,3,4|c|Container Orchestration Job
T1055|4,5||Process Injection
T1055.001|4,5||Dynamic-link Library Injection
T1055.002|4,5||Portable Executable Injection
T1055.003|4,5||Thread Execution Hijacking
T1055.004|4,5||Asynchronous Procedure Call
T1055.005|4,5||Thread Local Storage
T1055.008|4,5||Ptrace System Calls
T1055.009|4,5||Proc Memory
T1055.011|4,5||Extra Window Memory Injection
T1055.012|4,5||Process Hollowing
T1055.013|4,5||Process Doppelgänging
T1055.014|4,5||VDSO Hijacking
T1055.015|4,5||ListPlanting
T1056|6,9||Input Capture
T1056.001|6,9||Keylogging
T1056.002|6,9||GUI Input Capture
T1056.003|6,9||Web Portal Capture
T1056.004|6,9||Credential API Hooking
T1057|7||Process Discovery
T1059|2||Command and Scripting Interpreter
T1059.001|2||PowerShell
T1059.002|2||AppleScript
T1059.003|2||Windows Command Shell
T1059.004|2||Unix Shell
T1059.005|2||Visual Basic
T1059.006|2||Python
T1059.007|2||JavaScript
T1059.008|2||Network Device CLI
T1059.009|2||Cloud API
T1059.010|2||AutoHotKey & AutoIT
T1059.011|2||Lua
T1059.012|2||Hypervisor CLI
T1059.013|2|c|Container CLI/API
T1068|4|c|Exploitation for Privilege Escalation
T1069|7|c|Permission Groups Discovery
T1069.001|7||Local Groups
T1069.002|7||Domain Groups
T1069.003|7||Cloud Groups
T1070|5|c|Indicator Removal
T1070.001|5||Clear Windows Event Logs
T1070.002|5||Clear Linux or Mac System Logs
T1070.003|5||Clear Command History
T1070.004|5||File Deletion
T1070.005|5||Network Share Connection Removal
T1070.006|5||Timestomp
T1070.007|5||Clear Network Connection History and Configurations
T1070.008|5||Clear Mailbox Data
T1070.009|5||Clear Persistence
T1070.010|5||Relocate Malware
T1071|11||Application Layer Protocol
T1071.001|11||Web Protocols
T1071.002|11||File Transfer Protocols
T1071.003|11||Mail Protocols
T1071.004|11||DNS
T1071.005|11||Publish/Subscribe Protocols
T1072|2,8||Software Deployment Tools
T1074|9||Data Staged
T1074.001|9||Local Data Staging
T1074.002|9||Remote Data Staging
T1078|1,3,4,5|c|Valid Accounts
T1078.001|1,3,4,5|c|Default Accounts
T1078.002|1,3,4,5||Domain Accounts
T1078.003|1,3,4,5|c|Local Accounts
T1078.004|1,3,4,5||Cloud Accounts
T1080|8||Taint Shared Content
T1082|7||System Information Discovery
T1083|7||File and Directory Discovery
T1087|7||Account Discovery
T1087.001|7||Local Account
T1087.002|7||Domain Account
T1087.003|7||Email Account
T1087.004|7||Cloud Account
T1090|11||Proxy
T1090.001|11||Internal Proxy
T1090.002|11||External Proxy
T1090.003|11||Multi-hop Proxy
T1090.004|11||Domain Fronting
T1091|1,8||Replication Through Removable Media
T1092|11||Communication Through Removable Media
T1095|11||Non-Application Layer Protocol
T1098|3,4|c|Account Manipulation
T1098.001|3,4||Additional Cloud Credentials
T1098.002|3,4||Additional Email Delegate Permissions
T1098.003|3,4||Additional Cloud Roles
T1098.004|3,4||SSH Authorized Keys
T1098.005|3,4||Device Registration
T1098.006|3,4|c|Additional Container Cluster Roles
T1098.007|3,4||Additional Local or Domain Groups
T1102|11||Web Service
T1102.001|11||Dead Drop Resolver
T1102.002|11||Bidirectional Communication
T1102.003|11||One-Way Communication
T1104|11||Multi-Stage Channels
T1105|11||Ingress Tool Transfer
T1106|2||Native API
T1110|6|c|Brute Force
T1110.001|6|c|Password Guessing
T1110.002|6||Password Cracking
T1110.003|6|c|Password Spraying
T1110.004|6|c|Credential Stuffing
T1111|6||Multi-Factor Authentication Interception
T1112|3,5||Modify Registry
T1113|9||Screen Capture
T1114|9||Email Collection
T1114.001|9||Local Email Collection
T1114.002|9||Remote Email Collection
T1114.003|9||Email Forwarding Rule
T1115|9||Clipboard Data
T1119|9||Automated Collection
T1120|7||Peripheral Device Discovery
T1123|9||Audio Capture
T1124|7||System Time Discovery
T1125|9||Video Capture
T1127|5||Trusted Developer Utilities Proxy Execution
T1127.001|5||MSBuild
T1127.002|5||ClickOnce
T1127.003|5||JamPlus
T1129|2||Shared Modules
T1132|11||Data Encoding
T1132.001|11||Standard Encoding
T1132.002|11||Non-Standard Encoding
T1133|1,3|c|External Remote Services
T1134|4,5||Access Token Manipulation
T1134.001|4,5||Token Impersonation/Theft
T1134.002|4,5||Create Process with Token
T1134.003|4,5||Make and Impersonate Token
T1134.004|4,5||Parent PID Spoofing
T1134.005|4,5||SID-History Injection
T1135|7||Network Share Discovery
T1136|3|c|Create Account
T1136.001|3|c|Local Account
T1136.002|3||Domain Account
T1136.003|3||Cloud Account
T1137|3||Office Application Startup
T1137.001|3||Office Template Macros
T1137.002|3||Office Test
T1137.003|3||Outlook Forms
T1137.004|3||Outlook Home Page
T1137.005|3||Outlook Rules
T1137.006|3||Add-ins
T1140|5||Deobfuscate/Decode Files or Information
T1176|3||Software Extensions
T1176.001|3||Browser Extensions
T1176.002|3||IDE Extensions
T1185|9||Browser Session Hijacking
T1187|6||Forced Authentication
T1189|1||Drive-by Compromise
T1190|1|c|Exploit Public-Facing Application
T1195|1||Supply Chain Compromise
T1195.001|1||Compromise Software Dependencies and Development Tools
T1195.002|1||Compromise Software Supply Chain
T1195.003|1||Compromise Hardware Supply Chain
T1197|3,5||BITS Jobs
T1199|1||Trusted Relationship
T1200|1||Hardware Additions
T1201|7||Password Policy Discovery
T1202|5||Indirect Command Execution
T1203|2||Exploitation for Client Execution
T1204|2|c|User Execution
T1204.001|2||Malicious Link
T1204.002|2||Malicious File
T1204.003|2|c|Malicious Image
T1204.004|2||Malicious Copy and Paste
T1204.005|2||Malicious Library
T1205|3,5,11||Traffic Signaling
T1205.001|3,5,11||Port Knocking
T1205.002|3,5,11||Socket Filters
T1207|5||Rogue Domain Controller
T1210|8||Exploitation of Remote Services
T1211|5||Exploitation for Defense Evasion
T1212|6||Exploitation for Credential Access
T1213|9||Data from Information Repositories
T1213.001|9||Confluence
T1213.002|9||Sharepoint
T1213.003|9||Code Repositories
T1213.004|9||Customer Relationship Management Software
T1213.005|9||Messaging Applications
T1213.006|9||Databases
T1216|5||System Script Proxy Execution
T1216.001|5||PubPrn
T1216.002|5||SyncAppvPublishingServer
T1217|7||Browser Information Discovery
T1218|5||System Binary Proxy Execution
T1218.001|5||Compiled HTML File
T1218.002|5||Control Panel
T1218.003|5||CMSTP
T1218.004|5||InstallUtil
T1218.005|5||Mshta
T1218.007|5||Msiexec
T1218.008|5||Odbcconf
T1218.009|5||Regsvcs/Regasm
T1218.010|5||Regsvr32
T1218.011|5||Rundll32
T1218.012|5||Verclsid
T1218.013|5||Mavinject
T1218.014|5||MMC
T1218.015|5||Electron Applications
T1219|11||Remote Access Tools
T1219.001|11||IDE Tunneling
T1219.002|11||Remote Desktop Software
T1219.003|11||Remote Access Hardware
T1220|5||XSL Script Processing
T1221|5||Template Injection
T1222|5||File and Directory Permissions Modification
T1222.001|5||Windows File and Directory Permissions Modification
T1222.002|5||Linux and Mac File and Directory Permissions Modification
T1480|5||Execution Guardrails
T1480.001|5||Environmental Keying
T1480.002|5||Mutual Exclusion
T1482|7||Domain Trust Discovery
T1484|4,5||Domain or Tenant Policy Modification
T1484.001|4,5||Group Policy Modification
T1484.002|4,5||Trust Modification
T1485|40|c|Data Destruction
T1485.001|40||Lifecycle-Triggered Deletion
T1486|40||Data Encrypted for Impact
T1489|40||Service Stop
T1490|40|c|Inhibit System Recovery
T1491|40||Defacement
T1491.001|40||Internal Defacement
T1491.002|40||External Defacement
T1495|40||Firmware Corruption
T1496|40|c|Resource Hijacking
T1496.001|40|c|Compute Hijacking
T1496.002|40|c|Bandwidth Hijacking
T1496.003|40||SMS Pumping
T1496.004|40||Cloud Service Hijacking
T1497|5,7||Virtualization/Sandbox Evasion
T1497.001|5,7||System Checks
T1497.002|5,7||User Activity Based Checks
T1497.003|5,7||Time Based Checks
T1498|40|c|Network Denial of Service
T1498.001|40||Direct Network Flood
T1498.002|40||Reflection Amplification
T1499|40|c|Endpoint Denial of Service
T1499.001|40||OS Exhaustion Flood
T1499.002|40||Service Exhaustion Flood
T1499.003|40||Application Exhaustion Flood
T1499.004|40||Application or System Exploitation
T1505|3||Server Software Component
T1505.001|3||SQL Stored Procedures
T1505.002|3||Transport Agent
T1505.003|3||Web Shell
T1505.004|3||IIS Components
T1505.005|3||Terminal Services DLL
T1505.006|3||vSphere Installation Bundles
T1518|7||Software Discovery
T1518.001|7||Security Software Discovery
T1518.002|7||Backup Software Discovery
T1525|3|c|Implant Internal Image
T1526|7||Cloud Service Discovery
T1528|6|c|Steal Application Access Token
T1529|40||System Shutdown/Reboot
T1530|9||Data from Cloud Storage
T1531|40||Account Access Removal
T1534|8||Internal Spearphishing
T1535|5||Unused/Unsupported Cloud Regions
T1537|10||Transfer Data to Cloud Account
T1538|7||Cloud Service Dashboard
T1539|6||Steal Web Session Cookie
T1542|3,5||Pre-OS Boot
T1542.001|3,5||System Firmware
T1542.002|3,5||Component Firmware
T1542.003|3,5||Bootkit
T1542.004|3,5||ROMMONkit
T1542.005|3,5||TFTP Boot
T1543|3,4|c|Create or Modify System Process
T1543.001|3,4||Launch Agent
T1543.002|3,4||Systemd Service
T1543.003|3,4||Windows Service
T1543.004|3,4||Launch Daemon
T1543.005|3,4|c|Container Service
T1546|3,4||Event Triggered Execution
T1546.001|3,4||Change Default File Association
T1546.002|3,4||Screensaver
T1546.003|3,4||Windows Management Instrumentation Event Subscription
T1546.004|3,4||Unix Shell Configuration Modification
T1546.005|3,4||Trap
T1546.006|3,4||LC_LOAD_DYLIB Addition
T1546.007|3,4||Netsh Helper DLL
T1546.008|3,4||Accessibility Features
T1546.009|3,4||AppCert DLLs
T1546.010|3,4||AppInit DLLs
T1546.011|3,4||Application Shimming
T1546.012|3,4||Image File Execution Options Injection
T1546.013|3,4||PowerShell Profile
T1546.014|3,4||Emond
T1546.015|3,4||Component Object Model Hijacking
T1546.016|3,4||Installer Packages
T1546.017|3,4||Udev Rules
T1546.018|3,4||Python Startup Hooks
T1547|3,4||Boot or Logon Autostart Execution
T1547.001|3,4||Registry Run Keys / Startup Folder
T1547.002|3,4||Authentication Package
T1547.003|3,4||Time Providers
T1547.004|3,4||Winlogon Helper DLL
T1547.005|3,4||Security Support Provider
T1547.006|3,4||Kernel Modules and Extensions
T1547.007|3,4||Re-opened Applications
T1547.008|3,4||LSASS Driver
T1547.009|3,4||Shortcut Modification
T1547.010|3,4||Port Monitors
T1547.012|3,4||Print Processors
T1547.013|3,4||XDG Autostart Entries
T1547.014|3,4||Active Setup
T1547.015|3,4||Login Items
T1548|4,5||Abuse Elevation Control Mechanism
T1548.001|4,5||Setuid and Setgid
T1548.002|4,5||Bypass User Account Control
T1548.003|4,5||Sudo and Sudo Caching
T1548.004|4,5||Elevated Execution with Prompt
T1548.005|4,5||Temporary Elevated Cloud Access
T1548.006|4,5||TCC Manipulation
T1550|5,8|c|Use Alternate Authentication Material
T1550.001|5,8|c|Application Access Token
T1550.002|5,8||Pass the Hash
T1550.003|5,8||Pass the Ticket
T1550.004|5,8||Web Session Cookie
T1552|6|c|Unsecured Credentials
T1552.001|6|c|Credentials In Files
T1552.002|6||Credentials in Registry
T1552.003|6||Shell History
T1552.004|6||Private Keys
T1552.005|6||Cloud Instance Metadata API
T1552.006|6||Group Policy Preferences
T1552.007|6|c|Container API
T1552.008|6||Chat Messages
T1553|5||Subvert Trust Controls
T1553.001|5||Gatekeeper Bypass
T1553.002|5||Code Signing
T1553.003|5||SIP and Trust Provider Hijacking
T1553.004|5||Install Root Certificate
T1553.005|5||Mark-of-the-Web Bypass
T1553.006|5||Code Signing Policy Modification
T1554|3||Compromise Host Software Binary
T1555|6||Credentials from Password Stores
T1555.001|6||Keychain
T1555.002|6||Securityd Memory
T1555.003|6||Credentials from Web Browsers
T1555.004|6||Windows Credential Manager
T1555.005|6||Password Managers
T1555.006|6||Cloud Secrets Management Stores
T1556|3,5,6||Modify Authentication Process
T1556.001|3,5,6||Domain Controller Authentication
T1556.002|3,5,6||Password Filter DLL
T1556.003|3,5,6||Pluggable Authentication Modules
T1556.004|3,5,6||Network Device Authentication
T1556.005|3,5,6||Reversible Encryption
T1556.006|3,5,6||Multi-Factor Authentication
T1556.007|3,5,6||Hybrid Identity
T1556.008|3,5,6||Network Provider DLL
T1556.009|3,5,6||Conditional Access Policies
T1557|6,9||Adversary-in-the-Middle
T1557.001|6,9||LLMNR/NBT-NS Poisoning and SMB Relay
T1557.002|6,9||ARP Cache Poisoning
T1557.003|6,9||DHCP Spoofing
T1557.004|6,9||Evil Twin
T1558|6||Steal or Forge Kerberos Tickets
T1558.001|6||Golden Ticket
T1558.002|6||Silver Ticket
T1558.003|6||Kerberoasting
T1558.004|6||AS-REP Roasting
T1558.005|6||Ccache Files
T1559|2||Inter-Process Communication
T1559.001|2||Component Object Model
T1559.002|2||Dynamic Data Exchange
T1559.003|2||XPC Services
T1560|9||Archive Collected Data
T1560.001|9||Archive via Utility
T1560.002|9||Archive via Library
T1560.003|9||Archive via Custom Method
T1561|40||Disk Wipe
T1561.001|40||Disk Content Wipe
T1561.002|40||Disk Structure Wipe
T1562|5|c|Impair Defenses
T1562.001|5|c|Disable or Modify Tools
T1562.002|5||Disable Windows Event Logging
T1562.003|5||Impair Command History Logging
T1562.004|5||Disable or Modify System Firewall
T1562.006|5||Indicator Blocking
T1562.007|5||Disable or Modify Cloud Firewall
T1562.008|5||Disable or Modify Cloud Logs
T1562.009|5||Safe Mode Boot
T1562.010|5||Downgrade Attack
T1562.011|5||Spoof Security Alerting
T1562.012|5||Disable or Modify Linux Audit System
T1562.013|5||Disable or Modify Network Device Firewall
T1563|8||Remote Service Session Hijacking
T1563.001|8||SSH Hijacking
T1563.002|8||RDP Hijacking
T1564|5||Hide Artifacts
T1564.001|5||Hidden Files and Directories
T1564.002|5||Hidden Users
T1564.003|5||Hidden Window
T1564.004|5||NTFS File Attributes
T1564.005|5||Hidden File System
T1564.006|5||Run Virtual Instance
T1564.007|5||VBA Stomping
T1564.008|5||Email Hiding Rules
T1564.009|5||Resource Forking
T1564.010|5||Process Argument Spoofing
T1564.011|5||Ignore Process Interrupts
T1564.012|5||File/Path Exclusions
T1564.013|5||Bind Mounts
T1564.014|5||Extended Attributes
T1565|40||Data Manipulation
T1565.001|40||Stored Data Manipulation
T1565.002|40||Transmitted Data Manipulation
T1565.003|40||Runtime Data Manipulation
T1566|1||Phishing
T1566.001|1||Spearphishing Attachment
T1566.002|1||Spearphishing Link
T1566.003|1||Spearphishing via Service
T1566.004|1||Spearphishing Voice
T1567|10||Exfiltration Over Web Service
T1567.001|10||Exfiltration to Code Repository
T1567.002|10||Exfiltration to Cloud Storage
T1567.003|10||Exfiltration to Text Storage Sites
T1567.004|10||Exfiltration Over Webhook
T1568|11||Dynamic Resolution
T1568.001|11||Fast Flux DNS
T1568.002|11||Domain Generation Algorithms
T1568.003|11||DNS Calculation
T1569|2||System Services
T1569.001|2||Launchctl
T1569.002|2||Service Execution
T1569.003|2||Systemctl
T1570|8||Lateral Tool Transfer
T1571|11||Non-Standard Port
T1572|11||Protocol Tunneling
T1573|11||Encrypted Channel
T1573.001|11||Symmetric Cryptography
T1573.002|11||Asymmetric Cryptography
T1574|3,4,5||Hijack Execution Flow
T1574.001|3,4,5||DLL
T1574.004|3,4,5||Dylib Hijacking
T1574.005|3,4,5||Executable Installer File Permissions Weakness
T1574.006|3,4,5||Dynamic Linker Hijacking
T1574.007|3,4,5||Path Interception by PATH Environment Variable
T1574.008|3,4,5||Path Interception by Search Order Hijacking
T1574.009|3,4,5||Path Interception by Unquoted Path
T1574.010|3,4,5||Services File Permissions Weakness
T1574.011|3,4,5||Services Registry Permissions Weakness
T1574.012|3,4,5||COR_PROFILER
T1574.013|3,4,5||KernelCallbackTable
T1574.014|3,4,5||AppDomainManager
T1578|5||Modify Cloud Compute Infrastructure
T1578.001|5||Create Snapshot
T1578.002|5||Create Cloud Instance
T1578.003|5||Delete Cloud Instance
T1578.004|5||Revert Cloud Instance
T1578.005|5||Modify Cloud Compute Configurations
T1580|7||Cloud Infrastructure Discovery
T1583|42||Acquire Infrastructure
T1583.001|42||Domains
T1583.002|42||DNS Server
T1583.003|42||Virtual Private Server
T1583.004|42||Server
T1583.005|42||Botnet
T1583.006|42||Web Services
T1583.007|42||Serverless
T1583.008|42||Malvertising
T1584|42||Compromise Infrastructure
T1584.001|42||Domains
T1584.002|42||DNS Server
T1584.003|42||Virtual Private Server
T1584.004|42||Server
T1584.005|42||Botnet
T1584.006|42||Web Services
T1584.007|42||Serverless
T1584.008|42||Network Devices
T1585|42||Establish Accounts
T1585.001|42||Social Media Accounts
T1585.002|42||Email Accounts
T1585.003|42||Cloud Accounts
T1586|42||Compromise Accounts
T1586.001|42||Social Media Accounts
T1586.002|42||Email Accounts
T1586.003|42||Cloud Accounts
T1587|42||Develop Capabilities
T1587.001|42||Malware
T1587.002|42||Code Signing Certificates
T1587.003|42||Digital Certificates
T1587.004|42||Exploits
T1588|42||Obtain Capabilities
T1588.001|42||Malware
T1588.002|42||Tool
T1588.003|42||Code Signing Certificates
T1588.004|42||Digital Certificates
T1588.005|42||Exploits
T1588.006|42||Vulnerabilities
T1588.007|42||Artificial Intelligence
T1589|43||Gather Victim Identity Information
T1589.001|43||Credentials
T1589.002|43||Email Addresses
T1589.003|43||Employee Names
T1590|43||Gather Victim Network Information
T1590.001|43||Domain Properties
T1590.002|43||DNS
T1590.003|43||Network Trust Dependencies
T1590.004|43||Network Topology
T1590.005|43||IP Addresses
T1590.006|43||Network Security Appliances
T1591|43||Gather Victim Org Information
T1591.001|43||Determine Physical Locations
T1591.002|43||Business Relationships
T1591.003|43||Identify Business Tempo
T1591.004|43||Identify Roles
T1592|43||Gather Victim Host Information
T1592.001|43||Hardware
T1592.002|43||Software
T1592.003|43||Firmware
T1592.004|43||Client Configurations
T1593|43||Search Open Websites/Domains
T1593.001|43||Social Media
T1593.002|43||Search Engines
T1593.003|43||Code Repositories
T1594|43||Search Victim-Owned Websites
T1595|43||Active Scanning
T1595.001|43||Scanning IP Blocks
T1595.002|43||Vulnerability Scanning
T1595.003|43||Wordlist Scanning
T1596|43||Search Open Technical Databases
T1596.001|43||DNS/Passive DNS
T1596.002|43||WHOIS
T1596.003|43||Digital Certificates
T1596.004|43||CDNs
T1596.005|43||Scan Databases
T1597|43||Search Closed Sources
T1597.001|43||Threat Intel Vendors
T1597.002|43||Purchase Technical Data
T1598|43||Phishing for Information
T1598.001|43||Spearphishing Service
T1598.002|43||Spearphishing Attachment
T1598.003|43||Spearphishing Link
T1598.004|43||Spearphishing Voice
T1599|5||Network Boundary Bridging
T1599.001|5||Network Address Translation Traversal
T1600|5||Weaken Encryption
T1600.001|5||Reduce Key Space
T1600.002|5||Disable Crypto Hardware
T1601|5||Modify System Image
T1601.001|5||Patch System Image
T1601.002|5||Downgrade System Image
T1602|9||Data from Configuration Repository
T1602.001|9||SNMP (MIB Dump)
T1602.002|9||Network Device Configuration Dump
T1606|6||Forge Web Credentials
T1606.001|6||Web Cookies
T1606.002|6||SAML Tokens
T1608|42||Stage Capabilities
T1608.001|42||Upload Malware
T1608.002|42||Upload Tool
T1608.003|42||Install Digital Certificate
T1608.004|42||Drive-by Target
T1608.005|42||Link Target
T1608.006|42||SEO Poisoning
T1609|2|c|Container Administration Command
T1610|2,5|c|Deploy Container
T1611|4|c|Escape to Host
T1612|5|c|Build Image on Host
T1613|7|c|Container and Resource Discovery
T1614|7||System Location Discovery
T1614.001|7||System Language Discovery
T1615|7||Group Policy Discovery
T1619|7||Cloud Storage Object Discovery
T1620|5||Reflective Code Loading
T1621|6||Multi-Factor Authentication Request Generation
T1622|5,7||Debugger Evasion
T1647|5||Plist File Modification
T1648|2||Serverless Execution
T1649|6||Steal or Forge Authentication Certificates
T1650|42||Acquire Access
T1651|2||Cloud Administration Command
T1652|7||Device Driver Discovery
T1653|3||Power Settings
T1654|7||Log Enumeration
T1656|5||Impersonation
T1657|40||Financial Theft
T1659|1,11||Content Injection
T1665|11||Hide Infrastructure
T1666|5||Modify Cloud Resource Hierarchy
T1667|40||Email Bombing
T1668|3||Exclusive Control
T1669|1||Wi-Fi Networks
T1671|3||Cloud Application Integration
T1672|5||Email Spoofing
T1673|7||Virtual Machine Discovery
T1674|2||Input Injection
T1675|2||ESXi Administration Command
T1677|2||Poisoned Pipeline Execution
T1678|5||Delay Execution
T1679|5||Selective Exclusion
T1680|7||Local Storage Discovery
T1681|43||Search Threat Vendor Data`;

/** Ids that were given up, one line each: id, its successor (where there is one), and what it was called. */
export const FORMER_TECHNIQUES = `T1002|T1560|Data Compressed
T1004|T1547.004|Winlogon Helper DLL
T1009|T1027.001|Binary Padding
T1013|T1547.010|Port Monitors
T1015|T1546.008|Accessibility Features
T1017|T1072|Application Deployment Software
T1019|T1542.001|System Firmware
T1022|T1560|Data Encrypted
T1023|T1547.009|Shortcut Modification
T1024|T1573|Custom Cryptographic Protocol
T1026||Multiband Communication
T1028|T1021.006|Windows Remote Management
T1031|T1543.003|Modify Existing Service
T1032|T1573|Standard Cryptographic Protocol
T1034||Path Interception
T1035|T1569.002|Service Execution
T1038|T1574.001|DLL Search Order Hijacking
T1042|T1546.001|Change Default File Association
T1043||Commonly Used Port
T1044|T1574.010|File System Permissions Weakness
T1045|T1027.002|Software Packing
T1050|T1543.003|New Service
T1051||Shared Webroot
T1053.001|T1053.002|At (Linux)
T1053.004||Launchd
T1054|T1562.006|Indicator Blocking
T1058|T1574.011|Service Registry Permissions Weakness
T1060|T1547.001|Registry Run Keys / Startup Folder
T1061||Graphical User Interface
T1062||Hypervisor
T1063|T1518.001|Security Software Discovery
T1064||Scripting
T1065|T1571|Uncommonly Used Port
T1066|T1027.005|Indicator Removal from Tools
T1067|T1542.003|Bootkit
T1073|T1574.001|DLL Side-Loading
T1075|T1550.002|Pass the Hash
T1076|T1021.001|Remote Desktop Protocol
T1077|T1021.002|Windows Admin Shares
T1079|T1573|Multilayer Encryption
T1081|T1552.001|Credentials in Files
T1084|T1546.003|Windows Management Instrumentation Event Subscription
T1085|T1218.011|Rundll32
T1086|T1059.001|PowerShell
T1088|T1548.002|Bypass User Account Control
T1089|T1562.001|Disabling Security Tools
T1093|T1055.012|Process Hollowing
T1094|T1095|Custom Command and Control Protocol
T1096|T1564.004|NTFS File Attributes
T1097|T1550.003|Pass the Ticket
T1099|T1070.006|Timestomp
T1100|T1505.003|Web Shell
T1101|T1547.005|Security Support Provider
T1103|T1546.010|AppInit DLLs
T1107|T1070.004|File Deletion
T1108||Redundant Access
T1109|T1542.002|Component Firmware
T1116|T1553.002|Code Signing
T1117|T1218.010|Regsvr32
T1118|T1218.004|InstallUtil
T1121|T1218.009|Regsvcs/Regasm
T1122|T1546.015|Component Object Model Hijacking
T1126|T1070.005|Network Share Connection Removal
T1128|T1546.007|Netsh Helper DLL
T1130|T1553.004|Install Root Certificate
T1131|T1547.002|Authentication Package
T1138|T1546.011|Application Shimming
T1139|T1552.003|Bash History
T1141|T1056.002|Input Prompt
T1142|T1555.001|Keychain
T1143|T1564.003|Hidden Window
T1144|T1553.001|Gatekeeper Bypass
T1145|T1552.004|Private Keys
T1146|T1070.003|Clear Command History
T1147|T1564.002|Hidden Users
T1148|T1562.003|HISTCONTROL
T1149||LC_MAIN Hijacking
T1150|T1647|Plist Modification
T1151|T1036.006|Space after Filename
T1152|T1569.001|Launchctl
T1153||Source
T1154|T1546.005|Trap
T1155|T1059.002|AppleScript
T1156|T1546.004|Malicious Shell Modification
T1157|T1574.004|Dylib Hijacking
T1158|T1564.001|Hidden Files and Directories
T1159|T1543.001|Launch Agent
T1160|T1543.004|Launch Daemon
T1161|T1546.006|LC_LOAD_DYLIB Addition
T1162|T1647|Login Item
T1163|T1037.004|Rc.common
T1164|T1547.007|Re-opened Applications
T1165|T1037.005|Startup Items
T1166|T1548.001|Setuid and Setgid
T1167|T1555.002|Securityd Memory
T1168|T1053|Local Job Scheduling
T1169|T1548.003|Sudo
T1170|T1218.005|Mshta
T1171|T1557.001|LLMNR/NBT-NS Poisoning and Relay
T1172|T1090.004|Domain Fronting
T1173|T1559.002|Dynamic Data Exchange
T1174|T1556.002|Password Filter DLL
T1175||Component Object Model and Distributed COM
T1177|T1547.008|LSASS Driver
T1178|T1134.005|SID-History Injection
T1179|T1056.004|Hooking
T1180|T1546.002|Screensaver
T1181|T1055.011|Extra Window Memory Injection
T1182|T1546.009|AppCert DLLs
T1183|T1546.012|Image File Execution Options Injection
T1184|T1563.001|SSH Hijacking
T1186|T1055.013|Process Doppelgänging
T1188|T1090.003|Multi-hop Proxy
T1191|T1218.003|CMSTP
T1192|T1566.002|Spearphishing Link
T1193|T1566.001|Spearphishing Attachment
T1194|T1566.003|Spearphishing via Service
T1196|T1218.002|Control Panel Items
T1198|T1553.003|SIP and Trust Provider Hijacking
T1206|T1548.003|Sudo Caching
T1208|T1558.003|Kerberoasting
T1209|T1547.003|Time Providers
T1214|T1552.002|Credentials in Registry
T1215|T1547.006|Kernel Modules and Extensions
T1223|T1218.001|Compiled HTML File
T1483|T1568.002|Domain Generation Algorithms
T1487|T1561.002|Disk Structure Wipe
T1488|T1561.001|Disk Content Wipe
T1492|T1565.001|Stored Data Manipulation
T1493|T1565.002|Transmitted Data Manipulation
T1494|T1565.003|Runtime Data Manipulation
T1500|T1027.004|Compile After Delivery
T1501|T1543.002|Systemd Service
T1502|T1134.004|Parent PID Spoofing
T1503|T1555.003|Credentials from Web Browsers
T1504|T1546.013|PowerShell Profile
T1506|T1550.004|Web Session Cookie
T1514|T1548.004|Elevated Execution with Prompt
T1519|T1546.014|Emond
T1522|T1552.005|Cloud Instance Metadata API
T1527|T1550.001|Application Access Token
T1536|T1578.004|Revert Cloud Instance
T1547.011|T1647|Plist Modification
T1574.002|T1574.001|DLL Side-Loading`;
